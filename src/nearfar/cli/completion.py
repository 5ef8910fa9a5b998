"""``nearfar --install-completion``: teach a shell to complete nearfar's commands, options and files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from nearfar.cli.messages import WrongUsage

__all__ = ["install_completion"]


def install_completion(
    *,
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"] | None,
        Parameter(help="Default: the shell that is running."),
    ] = None,
    output: Annotated[
        Path | None,
        Parameter(name=["--output", "-o"], help="Where to write the script. Default: the shell's place."),
    ] = None,
) -> int:
    """Teach this shell to complete nearfar's commands.

    Writes a script to where the shell looks for it and, where that is not enough,
    adds a line to the shell's start file; both are named when done.
    """
    from cyclopts.completion.detect import ShellDetectionError, detect_shell
    from cyclopts.completion.install import create_install_completion_command

    from nearfar.cli.app import make_app

    if shell is None:
        try:
            shell = detect_shell()
        except ShellDetectionError:
            raise WrongUsage("which shell is running cannot be told: name it with --shell") from None
    create_install_completion_command(make_app().install_completion, add_to_startup=output is None)(
        shell=shell, output=output
    )
    return 0
