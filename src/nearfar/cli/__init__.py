"""The command line: ``nearfar info``, ``extract``, ``embed``, ``convert`` and ``doctor``.

    main ──▶ app (names and help) ──▶ one module a command, loaded when it is called
      └── every failure becomes one line on stderr and an exit code

Exit codes: 0 done; 1 the input is at fault; 2 wrong usage; 130 interrupted; 141 nobody reads the output.
"""

from __future__ import annotations

from nearfar.cli.running import main as main

__all__ = ["main"]
