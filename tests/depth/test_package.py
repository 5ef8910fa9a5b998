"""The door of `nearfar.depth`: what it names, and that opening it costs nothing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nearfar.depth


def typed_names() -> dict[str, str]:
    """Each name that type checkers see, with the module that it comes from."""
    tree = ast.parse(Path(nearfar.depth.__file__).read_text(encoding="utf-8"))
    return {
        alias.name: str(node.module)
        for guard in tree.body
        if isinstance(guard, ast.If)
        for node in guard.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_every_public_name_is_there_and_typed() -> None:
    homes = typed_names()
    assert sorted(homes) == nearfar.depth.__all__ == dir(nearfar.depth)
    for info in pkgutil.iter_modules(nearfar.depth.__path__):
        importlib.import_module(f"nearfar.depth.{info.name}")
    for name, home in homes.items():
        value = getattr(nearfar.depth, name)
        assert not isinstance(value, ModuleType), f"a module hides the public name {name}"
        assert value is getattr(importlib.import_module(home), name)
        assert value.__doc__


def test_opening_the_package_loads_nothing() -> None:
    script = (
        "import sys, nearfar.depth;print([m for m in sys.modules if m.startswith(('nearfar.depth.', 'PIL'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_depth_map_does_without_pillow() -> None:
    script = (
        "import sys, numpy as np, nearfar.depth as d;"
        "d.DepthMap(np.ones((2, 2))).to('disparity').points(field_of_view=1.0);"
        "print('PIL' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
