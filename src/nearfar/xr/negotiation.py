"""Which depth a session gets: what a page asks for, against what a device can do.

    DepthStateInit ─┐
                    ├─ find_supported_configuration ──▶ DepthConfiguration, or None: the session goes without
    DepthSupport ───┘

WebXR Depth Sensing Module, "Requesting depth data": https://immersive-web.github.io/depth-sensing/
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

__all__ = [
    "DepthConfiguration",
    "DepthDataFormat",
    "DepthStateInit",
    "DepthSupport",
    "DepthType",
    "DepthUsage",
    "find_supported_configuration",
]


class DepthUsage(StrEnum):
    """Where a page reads depth (XRDepthUsage)."""

    CPU_OPTIMIZED = "cpu-optimized"
    """From `XRFrame.get_depth_information`, as bytes."""
    GPU_OPTIMIZED = "gpu-optimized"
    """From `GLBinding.get_depth_information`, as a texture."""


class DepthDataFormat(StrEnum):
    """How one entry of the depth buffer is stored (XRDepthDataFormat)."""

    LUMINANCE_ALPHA = "luminance-alpha"
    """Two bytes, the lower one first; a texture has them in luminance and alpha."""
    FLOAT32 = "float32"
    UNSIGNED_SHORT = "unsigned-short"
    """One unsigned number of 16 bits."""


class DepthType(StrEnum):
    """What was done to depth before it is handed out (XRDepthType)."""

    RAW = "raw"
    """As measured: uncertain pixels are holes."""
    SMOOTH = "smooth"
    """Filtered and filled."""


Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, init=False)
class DepthStateInit:
    """What a page asks for (XRDepthStateInit): lists in order of preference, () for "whatever you have".

    Args:
        usage_preference: of `DepthUsage`, or their strings.
        data_format_preference: of `DepthDataFormat`, or their strings.
        depth_type_request: of `DepthType`, or their strings. A device may ignore it.
        match_depth_view: depth is to be seen from the view and of this frame. False leaves it as the sensor
            saw it: `DepthInformation.transform` and ``projection_matrix`` tell from where.

    Raises:
        TypeError: a list that is missing or none, or an entry that no enumeration has; as Web IDL does.
    """

    usage_preference: tuple[DepthUsage, ...]
    data_format_preference: tuple[DepthDataFormat, ...]
    depth_type_request: tuple[DepthType, ...]
    match_depth_view: bool

    def __init__(
        self,
        usage_preference: Iterable[str],
        data_format_preference: Iterable[str],
        depth_type_request: Iterable[str] = (),
        match_depth_view: bool = True,
    ) -> None:
        set_field = object.__setattr__
        set_field(self, "usage_preference", _listed("usage_preference", usage_preference, DepthUsage))
        formats = _listed("data_format_preference", data_format_preference, DepthDataFormat)
        set_field(self, "data_format_preference", formats)
        set_field(self, "depth_type_request", _listed("depth_type_request", depth_type_request, DepthType))
        set_field(self, "match_depth_view", bool(match_depth_view))


@dataclass(frozen=True, slots=True)
class DepthSupport:
    """What a device can do: every combination of its types, formats and usages.

    The first of each is what it prefers. Raises TypeError as `DepthStateInit` does, ValueError where a list
    is empty.
    """

    types: tuple[DepthType, ...] = tuple(DepthType)
    formats: tuple[DepthDataFormat, ...] = field(default=tuple(DepthDataFormat))
    usages: tuple[DepthUsage, ...] = tuple(DepthUsage)

    def __post_init__(self) -> None:
        for name, kind in (("types", DepthType), ("formats", DepthDataFormat), ("usages", DepthUsage)):
            values = _listed(name, getattr(self, name), kind)
            if not values:
                raise ValueError(f"a device that senses depth has at least one of: {name}")
            object.__setattr__(self, name, values)


@dataclass(frozen=True, slots=True)
class DepthConfiguration:
    """What was agreed on.

    ``type`` is None where none was asked for, or what was asked for is not to be had.
    """

    usage: DepthUsage
    data_format: DepthDataFormat
    type: DepthType | None
    match_depth_view: bool


def find_supported_configuration(init: DepthStateInit, support: DepthSupport) -> DepthConfiguration | None:
    """The configuration that a session gets, or None where there is none ("find a supported configuration").

    A list of one entry binds; of several the first that the device has is taken; an empty one leaves the
    choice to the device. A type that the device lacks is passed over, never refused.
    """
    for requested in (init.depth_type_request, ()):
        depth_type = _chosen(requested, support.types)
        usage = _chosen(init.usage_preference, support.usages)
        data_format = _chosen(init.data_format_preference, support.formats)
        if depth_type in support.types and usage in support.usages and data_format in support.formats:
            return DepthConfiguration(
                usage, data_format, depth_type if requested else None, init.match_depth_view
            )
        if not requested:
            break
    return None


def _chosen(preference: tuple[Choice, ...], supported: tuple[Choice, ...]) -> Choice:
    if len(preference) == 1:
        return preference[0]
    return next((value for value in preference if value in supported), supported[0])


def _listed(name: str, values: object, kind: type[Choice]) -> tuple[Choice, ...]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a list of {kind.__name__}; got {values!r}")
    entries = []
    for value in values:
        try:
            entries.append(kind(value))
        except ValueError:
            known = ", ".join(repr(entry.value) for entry in kind)
            raise TypeError(f"{name} has an entry that is none of {known}: {value!r}") from None
    return tuple(entries)
