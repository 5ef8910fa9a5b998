"""Names of devices: ``scheme:rest?key=value``, and the sources they stand for.

    "virtual:dual?scene=desk" ──▶ DeviceName("virtual", "dual", {"scene": "desk"}) ── entry point ──▶ Source

A scheme is an entry point of the group ``nearfar.devices``: a function ``open(rest, options) -> Source``. If
that object has an attribute ``discover``, it is called without arguments for the names of what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from nearfar.capture.source import Source
from nearfar.errors import DeviceNotFound, NearfarError

__all__ = ["DeviceName", "discovered", "open_source"]

GROUP = "nearfar.devices"


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A device's name taken apart.

    ``rest`` and the options' values are percent-decoded; `str` gives the name back, with what would be read
    as ``?``, ``&``, ``=``, ``#``, ``+`` or ``%`` encoded.

    Attributes:
        scheme: which kind of source.
        rest: which one of them.
        options: how it is to be.
    """

    scheme: str
    rest: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    @classmethod
    def parse(cls, name: str) -> DeviceName:
        """Take a name apart.

        Raises:
            DeviceNotFound: it has no scheme, or an option is given twice or without ``=``.
        """
        scheme, colon, rest = name.partition(":")
        if not colon or not scheme:
            raise DeviceNotFound(
                "a device is called scheme:rest, as in virtual:dual; `nearfar devices` lists what is here",
                device=name,
            )
        path, _, query = rest.partition("?")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=100)
        except ValueError:
            raise DeviceNotFound(
                f"options are written key=value&key=value, not {query!r}", device=name
            ) from None
        options = dict(pairs)
        if len(options) != len(pairs):
            raise DeviceNotFound(f"an option is given twice: {query!r}", device=name)
        return cls(scheme, unquote(path), options)

    def __str__(self) -> str:
        rest = quote(self.rest, safe="/:,;@!$*'()~ \\")
        query = "&".join(
            f"{quote(key, safe='')}={quote(value, safe='/:,')}" for key, value in self.options.items()
        )
        return f"{self.scheme}:{rest}?{query}" if query else f"{self.scheme}:{rest}"


def open_source(name: str) -> Source:
    """The source of a device's name.

    Raises:
        DeviceNotFound: no such scheme, or the scheme knows no such device.
        NearfarError: what else the scheme says: a file at fault, an extra that is missing.
    """
    parsed = DeviceName.parse(name)
    scheme = _schemes().get(parsed.scheme)
    if scheme is None:
        known = ", ".join(sorted(_schemes()))
        raise DeviceNotFound(f"no scheme is called {parsed.scheme!r}: there are {known}", device=name)
    opener: Callable[[str, Mapping[str, str]], Any] = scheme.load()
    source: Source = opener(parsed.rest, parsed.options)
    return source


def discovered() -> list[str]:
    """The names of the devices that the schemes find on this machine; a scheme that fails finds none."""
    names: list[str] = []
    for scheme in _schemes().values():
        try:
            names += getattr(scheme.load(), "discover", list)()
        except (AttributeError, ImportError, NearfarError, OSError):
            continue
    return names


@lru_cache(maxsize=1)
def _schemes() -> dict[str, EntryPoint]:
    return {scheme.name: scheme for scheme in entry_points(group=GROUP)}
