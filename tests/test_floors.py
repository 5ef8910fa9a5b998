"""The floors of the house: who may import whom.

A package imports only floors below its own: never a neighbour, never a private module of another package,
never up.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nearfar

SOURCE = Path(nearfar.__file__).parent
FLOORS = {
    "_native": 0,
    "errors": 0,
    "files": 0,
    "lazy_door": 0,
    "depth": 1,
    "estimate": 2,
    "scene": 2,
    "photo": 3,
    "capture": 4,
    "effects": 5,
    "xr": 5,
    "world": 5,
    "studio": 6,
    "cli": 7,
    "__main__": 8,
}
BESIDE = frozenset({"testing"})
"""On no floor: may import all of the house, and only tests import it."""
MODULES = sorted(path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, str | None]]:
    """Every import of nearfar's own parts in a file: the module, and the name taken from it."""
    for node in ast.walk(ast.parse((SOURCE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names if alias.name.split(".")[0] == "nearfar")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; spell the package out"
            if node.module and node.module.split(".")[0] == "nearfar":
                yield from ((node.module, alias.name) for alias in node.names)


def package_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "path", [path for path in MODULES if len(path.parts) > 1 or path.stem != "__init__"], ids=str
)
def test_a_module_imports_only_floors_below_its_own(path: Path) -> None:
    here = package_of(path)
    if here in BESIDE:
        return
    assert here in FLOORS, f"{here} has no floor in the design"
    for module, name in imports(path):
        parts = [*module.split("."), *([name] if name else [])][1:]
        target = parts[0] if parts and parts[0] in FLOORS else None
        if target is None:
            # `import nearfar` and `from nearfar import Photo`: the public door, for the top floor alone
            assert FLOORS[here] >= FLOORS["cli"], f"{path} goes through the public door"
            continue
        if target == here:
            continue
        assert FLOORS[target] < FLOORS[here], (
            f"{path} (floor {FLOORS[here]}) imports {target} ({FLOORS[target]})"
        )
        depth = len(module.split("."))
        assert depth <= 2, f"{path} reaches into {module}, a private module of another package"
        inside = SOURCE.joinpath(target, name or "")
        private = name is not None and (inside.is_dir() or inside.with_suffix(".py").is_file())
        assert not private, f"{path} takes {name} from {module}, a private module of another package"


def test_every_package_says_what_it_is_for() -> None:
    silent = [
        str(path) for path in MODULES if not ast.get_docstring(ast.parse((SOURCE / path).read_text("utf-8")))
    ]
    assert not silent, f"no module docstring: {silent}"


def test_no_module_outgrows_its_room() -> None:
    long = {
        str(path): count
        for path in MODULES
        if (count := len((SOURCE / path).read_text("utf-8").splitlines())) > 450
    }
    assert not long, f"each a room too few? {long}"
