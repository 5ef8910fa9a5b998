"""Every command line ends in an exit code and, at worst, one line; help teaches at 80 columns."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nearfar
from nearfar.cli.app import make_app
from nearfar.cli.messages import explain, printable

COMMANDS = ("info", "extract", "embed", "convert", "doctor")
NEARFAR = [sys.executable, "-m", "nearfar"]


def process(*words: object, **options) -> subprocess.CompletedProcess[str]:
    command = [*NEARFAR, *map(str, words)]
    return subprocess.run(command, text=True, capture_output=True, check=False, timeout=120, **options)


def test_version_as_a_module():
    done = process("--version")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, f"nearfar {nearfar.__version__}", "")


def test_the_installed_script_runs_the_same_main():
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="nearfar")
    assert script.load() is nearfar.cli.main


def test_help_names_every_command(run):
    outcome = run("--help")
    assert outcome.code == 0
    assert all(command in outcome.out for command in COMMANDS)
    assert "--install-completion" in outcome.out
    assert run().out == outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_teaches_within_80_columns(command):
    done = process(command, "--help", env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"})
    assert done.returncode == 0
    assert "Examples:" in done.stdout
    assert f"nearfar {command}" in done.stdout
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80
    assert "\x1b" not in done.stdout


def test_a_command_loads_no_other_and_no_mathematics_that_a_photo_does_not_need(heic: Path):
    code = f"import sys, nearfar.cli; nearfar.cli.main(['info', {str(heic)!r}]); print('\\n', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {name for name in make_app() if f"nearfar.cli.{name}" in loaded} == {"info"}
    assert "nearfar.photo" in loaded
    assert "numpy.polynomial" not in loaded


@pytest.mark.parametrize(
    "words",
    [
        ["inof"],
        ["info"],
        ["info", "--jsn", "a.heic"],
        ["extract", "a.heic"],
        ["extract", "a.heic", "-o", "b.xyz"],
        ["extract", "a.heic", "-o", "b.png", "--scale", "0"],
        ["extract", "a.heic", "-o", "b.npy", "--as", "shift"],
        ["convert", "a.heic"],
        ["convert", "a.heic", "b.heic", "--metadata", "drop"],
        ["embed", "a.png", "b.npy", "-o", "c.png"],
        ["doctor", "now"],
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_line(run, words):
    outcome = run(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("\n") == 1


def test_a_missing_file_is_exit_code_1_and_one_line_that_names_it(run, tmp_path: Path):
    for words in (["info"], ["extract", "-o", tmp_path / "a.png"], ["convert"]):
        more = [tmp_path / "out.heic"] if words == ["convert"] else []
        outcome = run(words[0], tmp_path / "gone.heic", *words[1:], *more)
        assert outcome.code == 1
        assert outcome.err == f"error: {tmp_path / 'gone.heic'}: No such file or directory\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_an_interrupt_is_exit_code_130_without_a_traceback(tmp_path: Path):
    pipe = tmp_path / "never.heic"
    os.mkfifo(pipe)
    with subprocess.Popen([*NEARFAR, "info", str(pipe)], stderr=subprocess.PIPE) as child:
        end = opened_for_writing(pipe, child)  # so the command has opened its end, and reads
        said = interrupted(child)
        os.close(end)
    assert child.returncode == 130
    assert said == b""


def interrupted(child: subprocess.Popen[bytes]) -> bytes:
    """Interrupt until the process ends, as one signal can be lost, and give its stderr."""
    while True:
        child.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=1)[1]


def opened_for_writing(pipe: Path, reader: subprocess.Popen[bytes]) -> int:
    """The writing end of a named pipe, once the reader has opened its own."""
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads it yet
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = reader.wait(timeout=0.01)
                pytest.fail(f"the command ended with {code} before it read")


def test_a_closed_pipe_is_quiet(heic: Path):
    command = [*NEARFAR, "info", *[str(heic)] * 2000]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 141


def test_help_that_nobody_reads_is_quiet_too():
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run([*NEARFAR, "--help"], stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(os.name != "posix", reason="closes descriptors as a shell does")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing_but_what_is_heard(heic: Path, tmp_path: Path, closed: str):
    out = tmp_path / "depth.png"
    for words in (["info", heic], ["extract", heic, "-o", out]):
        command = shlex.join(map(str, [*NEARFAR, *words]))
        done = subprocess.run(f"{command} {closed}", shell=True, capture_output=True, check=False)
        assert done.returncode == 0
        assert b"Traceback" not in done.stderr
    assert out.exists()
    gone = shlex.join(map(str, [*NEARFAR, "info", tmp_path / "gone.heic"]))
    assert subprocess.run(f"{gone} {closed}", shell=True, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize("setting", ["NEARFAR_THREADS=0", "NEARFAR_SIMD=avx9"])
def test_a_wrong_setting_is_one_line_that_names_it(heic: Path, setting: str):
    name, value = setting.split("=")
    done = process("info", heic, env={**os.environ, name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {name}")
    assert done.stderr.count("\n") == 1


def test_too_little_memory_is_one_line():
    assert explain(MemoryError()) == "not enough memory"
    assert explain(MemoryError("Unable to allocate 9 GiB")) == "not enough memory: Unable to allocate 9 GiB"


def test_an_empty_name_is_not_the_current_folder(run):
    outcome = run("info", "")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_output_that_cannot_be_written_is_exit_code_1(heic: Path):
    with open("/dev/full", "w") as full:
        done = subprocess.run([*NEARFAR, "info", str(heic)], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1


def test_names_outside_the_terminals_encoding_are_printed(heic: Path, tmp_path: Path):
    odd = tmp_path / "写真\udcff.heic"
    odd.write_bytes(heic.read_bytes())
    done = subprocess.run(
        [*NEARFAR, "info", str(odd)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert rb"\u5199" in done.stdout


def test_what_a_file_says_cannot_steer_the_terminal():
    assert printable("Maker\x1b[2J\nModel × ü") == "Maker\\x1b[2J\\nModel × ü"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(run, tmp_path: Path, shell: str):
    script = tmp_path / "script"
    outcome = run("--install-completion", "--shell", shell, "--output", script)
    assert outcome.code == 0
    assert str(script) in outcome.out
    assert all(command in script.read_text() for command in (*COMMANDS, "--fov"))
