"""A photo's summary in words, for people, and in JSON, for programs."""

from __future__ import annotations

import json
import math
from typing import Any

from nearfar.cli.messages import printable

__all__ = ["as_json", "describe", "instead_of_depth"]

_LABEL = 14


def describe(summary: dict[str, Any]) -> str:
    """Say in a few lines what `nearfar.Photo.summary` found."""
    color = summary["color"]
    origin = f", {printable(summary['device'])}" if summary["device"] else ""
    lines = [
        printable(summary["file"] or "photo"),
        _line(
            "photo",
            f"{color['width']}×{color['height']} {(summary['container'] or 'picture').upper()}{origin}",
        ),
    ]
    depth = summary["depth"]
    if depth is None:
        lines.append(_line("depth", f"none; the photo has {instead_of_depth(summary)}"))
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
    lines.extend(_line(label, text) for label, text in rows.items() if text)
    return "\n".join(lines)


def instead_of_depth(summary: dict[str, Any]) -> str:
    """Say what a photo without depth has."""
    found = [f"a {matte['kind']} matte" for matte in summary["mattes"]]
    found.extend(["an HDR gain map"] if summary["gain_map"] else [])
    found.extend(["a stereo pair"] if summary["stereo_pair"] else [])
    return ", ".join(found) or "only the picture"


def as_json(summary: dict[str, Any]) -> str:
    """Give one summary as a JSON object; JSON has no infinity, so that is null."""
    return json.dumps(_finite(summary), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}{text}"


def _depth(depth: dict[str, Any]) -> list[str]:
    unit = ("m" if depth["kind"] == "depth" else "1/m") if depth["metric"] else "(no unit)"
    words = [f"{depth['width']}×{depth['height']} {depth['kind']}"]
    if depth["min"] is not None and depth["max"] is not None:
        words.append(f"{depth['min']:.4g}..{depth['max']:.4g} {unit}")
    words.extend([depth["accuracy"], "filtered" if depth["filtered"] else "unfiltered", depth["quality"]])
    return [
        _line("depth", ", ".join(words)),
        _line("", "; ".join([*_distances(depth), f"read as {depth['dtype']}"])),
        _line("calibration", _calibration(depth["calibration"])),
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
