"""Programs that end, are interrupted or fork while a camera runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest


def script(text: str) -> subprocess.CompletedProcess[str]:
    """What a program does that ends by itself."""
    source = """
        import os, signal, sys, threading
        import nearfar as nf
        from nearfar.capture import Format, DeviceInfo, PacedSource, Output
        import numpy as np

        class Camera(PacedSource):
            info, formats = DeviceInfo("test:paced", "Paced"), (Format(8, 6, 1.0, 100.0),)
            def frame(self, format, sequence, time):
                return nf.Frame(time, sequence, np.zeros((6, 8, 3), np.uint8))
            def stop(self):
                super().stop()
                print("stopped", flush=True)

        class First(Output):
            needs_depth = False
            came = threading.Event()
            def receive(self, frame):
                self.came.set()
            def halt(self, error):
                pass

        session = nf.CaptureSession()
        device = nf.Device(Camera())
        session.add_input(nf.DeviceInput(device))
        session.add_output(First())
        session.start()
        assert First.came.wait(20)
    """
    program = textwrap.dedent(source) + textwrap.dedent(text)
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_program_that_forgets_to_stop_ends_all_the_same() -> None:
    done = script("print('end')")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["end", "stopped"], "")


def test_ctrl_c_ends_a_program_that_waits() -> None:
    done = script("""
        events = session.events()
        threading.Timer(0.0, os.kill, (os.getpid(), signal.SIGINT)).start()
        next(events)
    """)
    assert "KeyboardInterrupt" in done.stderr
    assert done.stdout.split() == ["stopped"]
    assert done.returncode in (1, 130, -signal.SIGINT)


def test_ctrl_c_while_the_camera_is_restarted_undoes_the_configuration() -> None:
    done = script("""
        let_go = threading.Event()

        class Stuck(Camera):
            def start(self, format, emit, clock):
                threading.Timer(0.0, os.kill, (os.getpid(), signal.SIGINT)).start()
                let_go.wait()
                super().start(format, emit, clock)

        before, stuck = session.inputs, nf.DeviceInput(nf.Device(Stuck()))
        try:
            with session.configuration():
                session.remove_input(before[0])
                session.add_input(stuck)
        except KeyboardInterrupt:
            assert session.inputs == before
            let_go.set()
            First.came.clear()
            assert First.came.wait(20)
            print("undone")
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert "undone" in done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_does_not_touch_its_parents_session() -> None:
    done = script("""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            for act in (session.start, session.configuration().__enter__, session.events):
                try:
                    act()
                except nf.CaptureError as error:
                    assert "fork" in str(error), error
                else:
                    raise AssertionError(act)
            with nf.CaptureSession() as own:
                own.add_input(nf.DeviceInput(nf.Device(Camera())))
                own.start()
                own.counts, session.counts, session.state
            session.stop()
            session.close()
            assert not session.outputs[0].connection.running
            assert not session.running
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        First.came.clear()
        assert First.came.wait(20)
        print("parent goes on")
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["stopped", "parent", "goes", "on", "stopped"]
