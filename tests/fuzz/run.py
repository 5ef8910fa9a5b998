"""Long fuzzing runs: ``python tests/fuzz/run.py --runs N [--seconds S] [--jobs N] [target…]``.

Each target runs in a process of its own under atheris (coverage-guided); its corpus is kept in ``.fuzz/``.
An input that crashes, takes over a second of processor time, needs over 1,500 MiB or raises outside the error
tree is left in ``.fuzz/found/`` with the report beside it, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.machinery
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

ROOM = Path(".fuzz")
HERE = Path(__file__).resolve().parent
SLOWEST = 1.0
"""Seconds of processor time that an input may take."""


class Hang(Exception):
    """An input took too long."""


class PlainLoaders(importlib.abc.MetaPathFinder):
    """Finds nearfar as the other finders do, with the loaders that atheris knows how to instrument.

    An editable install has loaders of its own, which it would leave alone, and no coverage would be seen.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module; its loader is exchanged."""
        if name.partition(".")[0] != "nearfar":
            return None
        others = (finder for finder in sys.meta_path if finder is not self and "Atheris" not in repr(finder))
        spec = next((spec for finder in others if (spec := finder.find_spec(name, path, target))), None)
        if spec is not None and spec.origin is not None:
            native = not spec.origin.endswith(".py")
            kind = importlib.machinery.ExtensionFileLoader if native else importlib.machinery.SourceFileLoader
            spec.loader = kind(name, spec.origin)
        return spec


def fuzz_one(name: str, runs: int, seconds: int) -> None:
    """Fuzz one target in this process; does not return."""
    import atheris

    sys.meta_path.insert(0, PlainLoaders())
    with atheris.instrument_imports(include=["nearfar"]):
        from fuzz.targets import TARGETS
        from nearfar.errors import NearfarError

        target = TARGETS[name]
        corpus, found = ROOM / "corpus" / name, ROOM / "found"
        corpus.mkdir(parents=True, exist_ok=True)
        found.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target.seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
            with contextlib.suppress(NearfarError):
                target.parse(seed)  # what is imported late is imported here, and instrumented with the rest

    def once(data: bytes) -> None:
        start = time.process_time()
        with contextlib.suppress(NearfarError):
            target.parse(data)
        taken = time.process_time() - start
        if taken > SLOWEST:
            raise Hang(f"{taken:.1f} s for {len(data):,} bytes")

    options = [
        f"-runs={runs}",
        f"-max_total_time={seconds}",
        "-timeout=30",  # what never comes back; `once` finds the rest
        "-rss_limit_mb=1500",
        f"-artifact_prefix={found}/{name}-",
        "-max_len=65536",
        "-verbosity=0",
        "-print_final_stats=1",
    ]
    bending = {"custom_mutator": _bender(target.seeds())} if target.native else {}
    atheris.Setup([sys.argv[0], *options, str(corpus)], once, **bending)
    print(f"guided: {not target.native}", file=sys.stderr)
    atheris.Fuzz()


def _bender(seeds: Sequence[bytes]) -> Callable[[bytes, int, int], bytes]:
    """Give libFuzzer inputs that are bent without coverage."""
    from fuzz.mutations import mutate

    return lambda data, size, seed: mutate([*seeds, data], random.Random(seed))[:size]


def fuzz_apart(name: str, runs: int, seconds: int) -> bool:
    """Fuzz one target in a process of its own; print its figures and tell whether it held."""
    start = time.monotonic()
    command = [sys.executable, __file__, "--alone", f"--runs={runs}", f"--seconds={seconds}", name]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "NEARFAR_THREADS": "1"}
    log = ROOM / f"{name}.log"
    ROOM.mkdir(exist_ok=True)
    with log.open("wb") as out:
        status = subprocess.run(command, stdout=out, stderr=out, env=environment, check=False).returncode
    said = log.read_text("utf-8", "replace")
    executed = re.findall(r"number_of_executed_units: (\d+)", said)
    blind = "guided: True" in said and "no interesting inputs" in said
    taken = time.monotonic() - start
    # A clean exit alone is no pass: the run must have done what it was told, and have seen coverage.
    enough = bool(executed) and (int(executed[-1]) >= runs or 0 < seconds <= taken)
    held = status == 0 and enough and not blind
    print(
        f"{name:15} {executed[-1] if executed else '?':>9} inputs  {taken:6.0f} s  "
        f"{'held' if held else 'FAILED'}",
        flush=True,
    )
    if not held:
        print(said[-3000:], file=sys.stderr)
    return held


def main() -> int:
    """Fuzz the targets that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="inputs for each target")
    parser.add_argument("--seconds", type=int, default=0, help="at most, for each target; 0: no limit")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) - 1), help="at a time")
    parser.add_argument("--alone", action="store_true", help="fuzz the one target in this process")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    if options.alone:
        fuzz_one(options.targets[0], options.runs, options.seconds)
    names = options.targets or target_names()
    with ThreadPoolExecutor(options.jobs) as pool:
        return (
            0
            if all(list(pool.map(lambda name: fuzz_apart(name, options.runs, options.seconds), names)))
            else 1
        )


def target_names() -> list[str]:
    """The names of all targets."""
    sys.path.insert(0, str(HERE.parent))
    from fuzz.targets import TARGETS

    return list(TARGETS)


if __name__ == "__main__":
    sys.exit(main())
