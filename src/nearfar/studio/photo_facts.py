"""What is inside a photo, in the words of people who take photos; `nearfar info` has those of who programs.

summary ──▶ photo_facts ──▶ Camera    Apple iPhone 13 Pro
                            Depth     768 × 576 pixels, from 0.23 m to 0.67 m (nominal), smoothed
                            Lens      26 mm in 35 mm terms, its distortion is known
"""

from __future__ import annotations

import math
from typing import Any

from nearfar.studio.answers import Line

__all__ = ["photo_facts"]

_DIAGONAL = math.hypot(36, 24)
"""Millimetres, of the film that focal lengths are compared by."""
_MATTES = {"portrait": "person"}
"""What a matte covers, where its kind does not say so."""


def photo_facts(summary: dict[str, Any], *, edited: bool) -> tuple[Line, ...]:
    """Say in a few lines what `Photo.summary` found.

    Args:
        summary: of the photo.
        edited: whether an edit was stored since it was taken.
    """
    depth = summary["depth"]
    rows = {
        "Camera": summary["device"] or "",
        "Picture": f"{_pixels(summary['color'])}, {(summary['container'] or 'not from a file').upper()}",
        "Depth": "none" if depth is None else _depth(depth),
        "Lens": "" if depth is None else _lens(depth["calibration"]),
        "Mattes": ", ".join(f"{_MATTES.get(each['kind'], each['kind'])}" for each in summary["mattes"]),
        "HDR": "yes: highlights are brighter on screens that can show it" if summary["gain_map"] else "",
        "Spatial": "yes: a picture for each eye" if summary["stereo_pair"] else "",
        "Portrait": _edits(summary["edits"], edited=edited),
        "Place": _place(summary["location"]) if "location" in summary else "",
    }
    return tuple(Line(label, text) for label, text in rows.items() if text)


def _pixels(size: dict[str, Any]) -> str:
    return f"{size['width']} × {size['height']} pixels"


def _depth(depth: dict[str, Any]) -> str:
    words = [_pixels(depth)]
    if not depth["metric"]:
        words.append("what is nearer and what is farther, but not how far")
    elif depth["min"] is not None and depth["max"] is not None:
        words.append(_reach(depth))
    words.append("smoothed, without holes" if depth["filtered"] else "as it was measured, with holes")
    if depth["quality"] == "low":
        words.append("of low quality, as the camera says")
    return ", ".join(words)


def _reach(depth: dict[str, Any]) -> str:
    """From where to where it goes."""
    near, far = depth["min"], depth["max"]
    if depth["kind"] == "disparity":
        near, far = (1 / value if value > 0 else math.inf for value in (far, near))
    nominal = " (nominal: right only relative to one another)" if depth["accuracy"] == "relative" else ""
    return f"from {_metres(near)} to {_metres(far)}{nominal}"


def _metres(distance: float) -> str:
    if not math.isfinite(distance):
        return "infinity"
    return f"{distance:.2f} m" if distance < 10 else f"{distance:.1f} m"


def _lens(calibration: dict[str, Any] | None) -> str:
    if calibration is None:
        return "not recorded: an ordinary one is assumed"
    focal = calibration["intrinsics"][0][0] * _DIAGONAL / math.hypot(*calibration["reference_size"])
    known = ", its distortion is known" if calibration["distortion"] is not None else ""
    return f"{focal:.0f} mm in 35 mm terms{known}"


def _edits(edits: dict[str, Any] | None, *, edited: bool) -> str:
    if edits is None:
        return ""
    words = []
    if edits["f_number"] is not None:
        words.append(f"f/{edits['f_number']:g}")
    if edits["focus"] is not None or edits["focus_distance"] is not None:
        words.append("a chosen focus")
    if edits["shape"] is not None and edits["shape"]["blades"] is not None:
        words.append(f"an aperture of {edits['shape']['blades']} blades")
    if edits["lighting"] is not None:
        words.append(f"portrait light at {100 * edits['lighting']:.0f} %")
    if words:
        words.append("as it was edited" if edited else "as it was taken")
    return ", ".join(words)


def _place(location: dict[str, Any] | None) -> str:
    if location is None:
        return "not recorded"
    latitude, longitude, altitude = location["latitude"], location["longitude"], location["altitude"]
    words = [
        f"{abs(latitude):.5f}° {'N' if latitude >= 0 else 'S'}",
        f"{abs(longitude):.5f}° {'E' if longitude >= 0 else 'W'}",
    ]
    if altitude is not None:
        words.append(f"{altitude:.0f} m above the sea")
    return ", ".join(words)
