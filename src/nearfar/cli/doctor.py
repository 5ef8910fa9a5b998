"""``nearfar doctor``: what is here, and whether it works.

The versions of what nearfar stands on, the kernels' SIMD level and threads, a photo of each container
written and read back in memory, and which optional parts are installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from nearfar import __version__
from nearfar.cli.messages import printable, tell

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["doctor"]

_PARTS = ("numpy", "pillow", "pillow-heif", "nanobind-backend", "cyclopts", "rich")
_LABEL = 18


def doctor(
    *,
    json: Annotated[bool, Parameter(help="Print a JSON object.")] = False,
) -> int:
    """Say what is here and whether it works.

    Versions, the level of SIMD and the threads that the kernels use, a small photo
    of each container written and read back, devices, optional parts. The exit code
    is 1 when something that nearfar needs does not work.
    """
    report = examine()
    if json:
        from json import dumps

        tell(dumps(report, indent=2))
    else:
        tell(_in_words(report))
    return 0 if report["healthy"] else 1


def examine() -> dict[str, Any]:
    """Give the whole report as plain data; "healthy" is whether all that nearfar needs works."""
    import platform

    report: dict[str, Any] = {
        "nearfar": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "parts": {name: _version(name) for name in _PARTS},
        "codec": _tried(_codec),
        "kernels": _tried(_kernels),
        "checks": {name: _tried(check) for name, check in _CHECKS.items()},
        "devices": _devices(),
        "extras": _extras(),
    }
    tried = [report["codec"], report["kernels"], *report["checks"].values()]
    report["healthy"] = None not in report["parts"].values() and all(
        "error" not in result for result in tried
    )
    return report


def _version(name: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _tried(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a check; whatever it raises is what the doctor was called for."""
    try:
        return check()
    except Exception as problem:  # noqa: BLE001 - any failure is a finding
        return {"error": f"{type(problem).__name__}: {problem}"}


def _codec() -> dict[str, Any]:
    import pillow_heif

    about = pillow_heif.libheif_info()
    return {
        "libheif": about["libheif"],
        "encoders": sorted(text for text in about["encoders"].values() if "HEVC" in text),
        "decoders": sorted(text for text in about["decoders"].values() if "HEVC" in text),
    }


def _kernels() -> dict[str, Any]:
    from nearfar import _native

    return {
        "simd": _native.simd_level(),
        "simd_levels": list(_native.simd_levels()),
        "threads": _native.thread_count(),
    }


def _round_trip(container: Literal["heic", "jpeg"]) -> dict[str, Any]:
    """Write a small photo with depth into memory, read it back, and say how far off its depth is."""
    import numpy as np

    from nearfar.depth import DepthKind, DepthMap
    from nearfar.photo import Photo
    from nearfar.photo import open as open_photo

    ramp = np.linspace(0.5, 2.0, 96 * 128, dtype=np.float32).reshape(96, 128)
    color = np.repeat((ramp * 100).astype(np.uint8)[:, :, None], 3, axis=2)
    photo = Photo(color, DepthMap(ramp, kind=DepthKind.DISPARITY))
    back = open_photo(photo.file_data(container))
    if back.depth is None or back.color.shape != color.shape:
        raise ValueError("what was written did not come back")
    return {"codes_off": _codes_off(back.depth.values, ramp)}


def _codes_off(values: NDArray[np.floating[Any]], sent: NDArray[np.float32]) -> float:
    """Give how far values lie from those sent, in codes of their range; over 4 is no codec's rounding."""
    codes = float(abs(values - sent).max() / (sent.max() - sent.min()) * 255)
    if not codes <= 4:
        raise ValueError(f"the depth came back wrong by {codes:.1f} of 255 codes")
    return round(codes, 2)


_CHECKS: dict[str, Callable[[], dict[str, Any]]] = {
    "heic photo": lambda: _round_trip("heic"),
    "jpeg photo": lambda: _round_trip("jpeg"),
}


def _devices() -> list[str]:
    """Give the names of the cameras that are here."""
    from nearfar.capture import Device

    return [device.name for device in Device.discover()]


def _extras() -> dict[str, bool]:
    """Give the optional parts that this version knows, and whether all that each needs is installed."""
    from importlib import metadata

    try:
        extras = metadata.metadata("nearfar").get_all("Provides-Extra") or []
        needs = metadata.requires("nearfar") or []
    except metadata.PackageNotFoundError:
        return {}
    wanted: dict[str, list[str]] = {extra: [] for extra in extras}
    for need in needs:
        name = re.match(r"[\w.-]+", need)
        for extra in re.findall(r"""extra\s*==\s*['"]([^'"]+)['"]""", need):
            if name is not None and extra in wanted:
                wanted[extra].append(name.group())
    return {extra: all(_version(name) is not None for name in names) for extra, names in wanted.items()}


def _in_words(report: dict[str, Any]) -> str:
    lines = [
        _line("nearfar", report["nearfar"]),
        _line("python", f"{report['python']}, {report['system']}"),
        *(_line(name, version or "MISSING") for name, version in report["parts"].items()),
    ]
    codec, kernels = report["codec"], report["kernels"]
    if "error" in codec:
        lines.append(_line("libheif", f"BROKEN: {codec['error']}"))
    else:
        lines.append(
            _line("libheif", f"{codec['libheif']}; {', '.join([*codec['encoders'], *codec['decoders']])}")
        )
    if "error" in kernels:
        lines.append(_line("kernels", f"BROKEN: {kernels['error']}"))
    else:
        levels = ", ".join(kernels["simd_levels"])
        lines.append(_line("kernels", f"SIMD {kernels['simd']} (of {levels}), {kernels['threads']} threads"))
    for name, result in report["checks"].items():
        good = "written and read back" if "error" not in result else f"BROKEN: {result['error']}"
        lines.append(_line(name, good))
    lines.append(_line("devices", ", ".join(report["devices"]) or "none"))
    extras = [
        f"{extra} {'installed' if there else 'not installed'}" for extra, there in report["extras"].items()
    ]
    lines.append(_line("optional parts", ", ".join(extras) or "none in this version"))
    lines.append(
        "All that nearfar needs works." if report["healthy"] else "Something that nearfar needs is broken."
    )
    return "\n".join(lines)


def _line(label: str, text: str) -> str:
    return f"{label:<{_LABEL}}{printable(text)}"
