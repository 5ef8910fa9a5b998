"""A photo's summary in words: what ``nearfar info`` prints.

photo.summary() ──▶ summary_lines ──▶ photo         4032×3024 HEIC, Apple iPhone 13 Pro
                                      depth         768×576 disparity, 1.498..4.383 1/m, …
                                                    0.228 m to 0.668 m (nominal …); read as float32
"""

from __future__ import annotations

from typing import Any

__all__ = ["instead_of_depth", "summary_lines"]


def summary_lines(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Say in a few lines what `Photo.summary` found.

    Returns:
        (label, text) of each line; a line without a label goes on with what the one before it is about. The
        texts hold what the file says, control characters and all: who prints them makes them safe.
    """
    color = summary["color"]
    origin = f", {summary['device']}" if summary["device"] else ""
    container = (summary["container"] or "picture").upper()
    lines = [("photo", f"{color['width']}×{color['height']} {container}{origin}")]
    depth = summary["depth"]
    if depth is None:
        lines.append(("depth", f"none; the photo has {instead_of_depth(summary)}"))
    else:
        lines.extend(_depth(depth))
    mattes = [f"{matte['kind']} {matte['width']}×{matte['height']}" for matte in summary["mattes"]]
    rows = {
        "mattes": ", ".join(mattes),
        "gain map": "yes (HDR)" if summary["gain_map"] else "",
        "stereo pair": "yes (spatial photo)" if summary["stereo_pair"] else "",
        "edits": _edits(summary["edits"]),
        "location": _location(summary["location"]) if "location" in summary else "",
    }
    return [*lines, *((label, text) for label, text in rows.items() if text)]


def instead_of_depth(summary: dict[str, Any]) -> str:
    """Say what a photo without depth has."""
    found = [f"a {matte['kind']} matte" for matte in summary["mattes"]]
    found.extend(["an HDR gain map"] if summary["gain_map"] else [])
    found.extend(["a stereo pair"] if summary["stereo_pair"] else [])
    return ", ".join(found) or "only the picture"


def _depth(depth: dict[str, Any]) -> list[tuple[str, str]]:
    unit = ("m" if depth["kind"] == "depth" else "1/m") if depth["metric"] else "(no unit)"
    words = [f"{depth['width']}×{depth['height']} {depth['kind']}"]
    if depth["min"] is not None and depth["max"] is not None:
        words.append(f"{depth['min']:.4g}..{depth['max']:.4g} {unit}")
    words.extend([depth["accuracy"], "filtered" if depth["filtered"] else "unfiltered", depth["quality"]])
    return [
        ("depth", ", ".join(words)),
        ("", "; ".join([*_distances(depth), f"read as {depth['dtype']}"])),
        ("calibration", _calibration(depth["calibration"])),
    ]


def _distances(depth: dict[str, Any]) -> list[str]:
    """Say how far a disparity map reaches, in metres: 1/metre is no unit that people think in."""
    low, high = depth["min"], depth["max"]
    if (
        depth["kind"] != "disparity"
        or not depth["metric"]
        or low is None
        or high is None
        or not 0 <= low < high
    ):
        return []
    far = f"{1 / low:.3g} m" if low > 0 else "infinity"
    nominal = " (nominal: the accuracy is relative)" if depth["accuracy"] == "relative" else ""
    return [f"{1 / high:.3g} m to {far}{nominal}"]


def _calibration(calibration: dict[str, Any] | None) -> str:
    if calibration is None:
        return "none"
    (fx, _, cx), (_, fy, cy) = calibration["intrinsics"][:2]
    width, height = calibration["reference_size"]
    focal = f"{fx:.3f}" if fx == fy else f"{fx:.3f}, {fy:.3f}"
    words = [f"f {focal} px, c ({cx:.3f}, {cy:.3f}) @ {width}×{height}"]
    if calibration["pixel_size"]:
        words.append(f"pixel {calibration['pixel_size'] * 1e6:.3g} µm")
    lens = calibration["distortion"]
    if lens is not None:
        table = lens["model"] == "lens-table" and lens.get("forward") is None and lens.get("inverse") is None
        words.append("lens coefficients" if table else f"lens {lens['model']}")
    return ", ".join(words)


def _edits(edits: dict[str, Any] | None) -> str:
    if edits is None:
        return ""
    words = []
    if edits["f_number"] is not None:
        words.append(f"f/{edits['f_number']:g}")
    if edits["focus"] is not None:
        words.append(f"focus at ({', '.join(f'{part:.3f}' for part in edits['focus'])})")
    if edits["focus_distance"] is not None:
        words.append(f"focus at {edits['focus_distance']} m".replace("infinity m", "infinity"))
    if edits["shape"] is not None:
        words.append("disc" if edits["shape"]["blades"] is None else f"{edits['shape']['blades']} blades")
    if edits["lighting"] is not None:
        words.append(f"lighting {edits['lighting']:g}")
    return ", ".join(words)


def _location(location: dict[str, Any] | None) -> str:
    if location is None:
        return "not recorded"
    latitude, longitude, altitude = location["latitude"], location["longitude"], location["altitude"]
    words = [
        f"{abs(latitude):.6f}° {'N' if latitude >= 0 else 'S'}",
        f"{abs(longitude):.6f}° {'E' if longitude >= 0 else 'W'}",
    ]
    if altitude is not None:
        words.append(f"{altitude:.0f} m")
    return ", ".join(words)
