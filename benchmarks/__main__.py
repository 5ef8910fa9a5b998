"""Run the benchmarks (all, or those named) and print their table in Markdown."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable

import benchmarks
from benchmarks.measure import Row


def main(names: list[str]) -> None:
    print("| what | nearfar | peer | ratio | bar |\n|---|---|---|---|---|")
    for module in sorted(found.name for found in pkgutil.iter_modules(benchmarks.__path__)):
        if module == "__main__" or (names and module not in names):
            continue
        rows: Callable[[], list[Row]] | None = getattr(
            importlib.import_module(f"benchmarks.{module}"), "rows", None
        )
        for row in rows() if rows is not None else []:
            print(f"| {row.claim} | {row.ours} | {row.peer} | {row.ratio} | {row.bar} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
