"""A module of nearfar in a process of its own: it finds the modules that this process finds, and no others.

module, arguments ──▶ this interpreter ──▶ Popen, heard by its stdout
                        └─ it cannot be started: refused in words
"""

from __future__ import annotations

import os
import subprocess
import sys

from nearfar.studio.refusals import Refused, said_of_disk

__all__ = ["start_module"]


def start_module(module: str, *arguments: str, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """Start a module. By itself ``-m`` would look in the folder where somebody happens to be first.

    Args:
        module: its name; it is run as a program.
        arguments: of the program.
        stdin: as `subprocess.Popen` has it.

    Raises:
        Refused: it cannot be started.
    """
    places = os.pathsep.join(map(str, sys.path))  # some programs put paths there
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable or "", "-P", "-m", module, *arguments],  # "": a program that Python is part of
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": places},
        )
    except OSError as problem:
        raise Refused(
            503, f"What works on photos cannot be started: {said_of_disk(problem)}. Try again in a moment."
        ) from problem
