"""Run the benchmarks (all, or those named) and print their table in Markdown."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks.measure import Row


def main(names: list[str]) -> None:
    print("| what | nearfar | peer | ratio | bar |\n|---|---|---|---|---|")
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module in ("__main__", "measure") or (names and module not in names):
            continue
        rows: list[Row] = importlib.import_module(f"benchmarks.{module}").rows()
        for row in rows:
            print(f"| {row.claim} | {row.ours} | {row.peer} | {row.ratio} | {row.bar} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
