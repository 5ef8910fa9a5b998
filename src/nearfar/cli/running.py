"""Run one command line and turn whatever happens into an exit code."""

from __future__ import annotations

import atexit
import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from nearfar.cli.messages import InputFault, WrongUsage, error, explain
from nearfar.errors import NearfarError

__all__ = ["main"]

_INTERRUPTED = 130
_BROKEN_PIPE = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and give its exit code.

    Args:
        arguments: the words after the program's name; those of the process where left out.

    Returns:
        0 done; 1 the input is at fault; 2 wrong usage; 130 interrupted; 141 nobody reads the output.
    """
    _prepare()
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return _BROKEN_PIPE
    except WrongUsage as problem:
        error(str(problem))
        return 2
    except (InputFault, NearfarError, OSError, ImportError, MemoryError) as problem:
        error(explain(problem))
        _discard_output()
        return 1
    return code


def _prepare() -> None:
    """Let any name be printed in any encoding, and a process that only runs this command start and end fast.

    What a closed stream is told goes nowhere. The settings are together a third of the time of
    ``nearfar info``: threads for linear algebra (the kernels have their own), garbage collections while
    modules load, and the last one over all that the process takes with it anyway.
    """
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if "numpy" not in sys.modules:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        gc.set_threshold(100_000, 10, 10)
        atexit.register(_keep_all)


def _keep_all() -> None:
    """Take everything along at the end of the process; scenes and patterns that are left are no leak."""
    gc.freeze()
    if "nearfar._native" in sys.modules:
        from nearfar import _native

        _native.set_leak_warnings(False)


def _nowhere() -> TextIO:
    return os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _run(arguments: Sequence[str]) -> int:
    if "" in arguments:
        raise WrongUsage("an empty word names no file and no option")
    from cyclopts import CycloptsError

    from nearfar.cli.app import make_app

    app = make_app()
    try:
        result = app(list(arguments), exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as problem:
        command = " ".join(["nearfar", *(problem.command_chain or ())])
        raise WrongUsage(f"{' '.join(str(problem).split())} See {command} --help.") from None
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # so rich leaves when nobody reads what it prints
            raise left.__context__ from None
        raise
    return result if isinstance(result, int) else 0


def _discard_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter does not complain of it as it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            return
