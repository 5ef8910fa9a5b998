"""Long fuzzing runs: ``python tests/fuzz/run.py --runs N [target…]``.

Each target runs in a process of its own under atheris (coverage-guided); its corpus is kept in ``.fuzz/``.
An input that crashes, hangs for over a second or raises outside the error tree is left in ``.fuzz/found/``,
and the exit status is 1.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOM = Path(".fuzz")
HERE = Path(__file__).resolve().parent


def fuzz_one(name: str, runs: int) -> None:
    """Fuzz one target in this process; does not return."""
    import atheris

    with atheris.instrument_imports(include=["nearfar"]):
        from fuzz.targets import TARGETS

    from nearfar.errors import NearfarError

    target = TARGETS[name]
    corpus, found = ROOM / "corpus" / name, ROOM / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        with contextlib.suppress(NearfarError):
            target.parse(data)

    options = [
        f"-runs={runs}",
        "-timeout=1",
        "-rss_limit_mb=1500",
        f"-artifact_prefix={found}/{name}-",
        "-max_len=65536",
        "-verbosity=0",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], once)
    atheris.Fuzz()


def fuzz_apart(name: str, runs: int) -> bool:
    """Fuzz one target in a process of its own; print its figures and tell whether it held."""
    start = time.monotonic()
    command = [sys.executable, __file__, "--alone", "--runs", str(runs), name]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "NEARFAR_THREADS": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    executed = [line.split()[-1] for line in ran.stderr.splitlines() if "number_of_executed_units" in line]
    print(
        f"{name:15} {executed[-1] if executed else '?':>9} inputs  {time.monotonic() - start:6.0f} s  "
        f"{'held' if ran.returncode == 0 else 'FAILED'}",
        flush=True,
    )
    if ran.returncode:
        print(ran.stderr[-3000:], file=sys.stderr)
    return ran.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200_000, help="inputs for each target")
    parser.add_argument("--alone", action="store_true", help="fuzz the one target in this process")
    parser.add_argument("targets", nargs="*")
    options = parser.parse_args()
    if options.alone:
        fuzz_one(options.targets[0], options.runs)
    names = options.targets or target_names()
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as pool:
        return 0 if all(list(pool.map(lambda name: fuzz_apart(name, options.runs), names))) else 1


def target_names() -> list[str]:
    sys.path.insert(0, str(HERE.parent))
    from fuzz.targets import TARGETS

    return list(TARGETS)


if __name__ == "__main__":
    sys.exit(main())
