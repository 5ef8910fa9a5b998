"""A short, seeded run of every fuzz target, and the inputs that long runs once found."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from fuzz.mutations import mutate
from fuzz.targets import TARGETS
from nearfar.errors import NearfarError

INPUTS = 2_000
"""1 % of what ``make fuzz`` runs."""
FOUND = Path(__file__).parent / "found"


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_bent_inputs_raise_only_errors_of_the_tree(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    seeds = target.seeds()
    rng = random.Random(20261121)
    for number in range(INPUTS):
        data = mutate(seeds, rng)
        kept = tmp_path / f"{name}-{number}"
        kept.write_bytes(data)  # what a crash of the process leaves behind
        with contextlib.suppress(NearfarError):
            target.parse(data)
        kept.unlink()


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_the_first_seeds_are_read(name: str) -> None:
    """A run whose seeds are refused would test little."""
    target = TARGETS[name]
    for seed in target.seeds()[:2]:
        target.parse(seed)


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_fuzzing_found_stays_fixed(path: Path) -> None:
    name = max((name for name in TARGETS if path.name.startswith(f"{name}-")), key=len)
    with contextlib.suppress(NearfarError):
        TARGETS[name].parse(path.read_bytes())
