"""`lazy_door`: the door of a package whose names load when they are first used (PEP 562).

    __getattr__, __dir__, __all__ = lazy_door(__name__, {"home": "name another_name"}, ("package",))

    package.name ── not there yet ──▶ __getattr__ ──▶ package.home is imported ──▶ kept in the package

For type checkers the package imports the same names under ``if TYPE_CHECKING``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["lazy_door"]


def lazy_door(
    package: str, homes: Mapping[str, str], packages: tuple[str, ...] = ()
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Give a package's ``__getattr__``, ``__dir__`` and ``__all__``.

    Args:
        package: its name.
        homes: the public names, parted by spaces, by the module below the package that defines them.
        packages: packages in it that are public themselves.
    """
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def load(name: str) -> object:
        if name in home_of:
            value: object = getattr(importlib.import_module(f"{package}.{home_of[name]}"), name)
        elif name in packages:
            value = importlib.import_module(f"{package}.{name}")
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted(sys.modules[package].__all__)

    return load, names, sorted([*home_of, *packages])
