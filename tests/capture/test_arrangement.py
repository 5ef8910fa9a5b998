"""Configuring a session: all at once or not at all, and always by the rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nearfar as nf
from capture.hand import DEPTH, ROOMY, SMALL, VGA, HandCamera, Kept, session_of


class Dependent(Kept):
    """An output whose wish for depth goes when depth is not to be had."""

    def reconfigured(self) -> None:
        assert self.connection is not None
        chosen = self.connection.format
        if self.needs_depth and (chosen is None or chosen.depth is None):
            self.change(depth=False)


def test_a_session_takes_one_camera_and_each_output_once() -> None:
    session, other = nf.CaptureSession(), nf.CaptureSession()
    first, second = (nf.DeviceInput(nf.Device(HandCamera())) for _ in range(2))
    output = Kept()
    assert session.can_add_input(first)
    session.add_input(first)
    assert not session.can_add_input(second)
    with pytest.raises(nf.InvalidConfiguration, match="one camera"):
        session.add_input(second)
    session.add_output(output)
    for place in (session, other):
        assert not place.can_add_output(output)
        with pytest.raises(nf.InvalidConfiguration, match="output"):
            place.add_output(output)
    session.remove_input(first)
    session.remove_output(output)
    with pytest.raises(nf.InvalidConfiguration, match="no such input"):
        session.remove_input(first)
    with pytest.raises(nf.InvalidConfiguration, match="no such output"):
        session.remove_output(output)
    assert session.can_add_input(second)
    assert other.can_add_output(output)


@pytest.mark.parametrize("item", ["virtual:dual", nf.PhotoOutput, None, 3])
def test_what_is_no_input_or_output_is_refused_in_words(item: Any) -> None:
    session = nf.CaptureSession()
    for act in (session.add_input, session.can_add_input):
        with pytest.raises(TypeError, match=r"an input is a DeviceInput\(device\), not"):
            act(item)
    for act in (session.add_output, session.can_add_output):
        with pytest.raises(TypeError, match="an output is a PhotoOutput"):
            act(item)


def test_preset_and_active_format_exclude_each_other() -> None:
    session, device = nf.CaptureSession(), nf.Device(HandCamera())
    with device.lock_for_configuration():
        device.active_format = ROOMY
    session.add_input(nf.DeviceInput(device))
    assert (session.preset, device.active_format) == (nf.Preset.INPUT_PRIORITY, ROOMY)
    session.preset = nf.Preset.HIGH
    assert device.active_format == VGA
    with device.lock_for_configuration():
        device.active_format = ROOMY
    assert session.preset is nf.Preset.INPUT_PRIORITY
    session.preset = nf.Preset.PHOTO
    assert device.active_format == VGA
    small = nf.CaptureSession()
    small.add_input(nf.DeviceInput(nf.Device(HandCamera(formats=(SMALL,)))))
    assert not small.can_set_preset(nf.Preset.VGA)
    with pytest.raises(nf.InvalidConfiguration, match="does not support the preset 640x480"):
        small.preset = nf.Preset.VGA
    assert small.preset is nf.Preset.INPUT_PRIORITY
    vga = nf.CaptureSession()
    vga.preset = nf.Preset.VGA
    assert not vga.can_add_input(nf.DeviceInput(nf.Device(HandCamera(formats=(SMALL,)))))


def test_a_preset_that_keeps_the_format_keeps_its_depth_format() -> None:
    session, device = session_of(HandCamera(formats=(SMALL,)))
    with device.lock_for_configuration():
        device.active_depth_format = DEPTH
    session.preset = nf.Preset.PHOTO
    assert device.active_depth_format == DEPTH


def test_questions_inside_are_answered_for_what_is_pending() -> None:
    session, output, device = nf.CaptureSession(), Kept(), nf.Device(HandCamera())
    with session.configuration():
        session.add_output(output)
        assert session.outputs == (output,)
        assert output.connection is not None
        assert output.connection.format is None
        session.add_input(nf.DeviceInput(device))
        assert output.connection.device == device.info
        device.active_format = SMALL
        assert output.connection.format == SMALL
        assert session.preset is nf.Preset.INPUT_PRIORITY


def test_what_is_no_longer_supported_goes() -> None:
    output = Dependent()
    session, device = session_of(HandCamera(), output)
    assert output.needs_depth
    with device.lock_for_configuration():
        device.active_format = VGA
    assert not output.needs_depth
    with pytest.raises(KeyError), session.configuration():  # noqa: PT012
        device.active_format = SMALL
        output.change(depth=True)
        raise KeyError
    assert not output.needs_depth


def test_outputs_that_are_at_odds_are_refused() -> None:
    class Fickle(Kept):
        def reconfigured(self) -> None:
            self.change(depth=not self.needs_depth)

    session, steady = nf.CaptureSession(), Kept()
    with pytest.raises(nf.InvalidConfiguration, match="do not agree"), session.configuration():  # noqa: PT012
        session.add_output(steady)
        session.add_output(Fickle())
    assert session.outputs == ()
    assert steady.connection is None


def test_what_was_taken_out_comes_back_with_its_settings() -> None:
    output = Kept()
    session, device = session_of(HandCamera(), output)
    taken = session.inputs
    with pytest.raises(KeyError), session.configuration():  # noqa: PT012
        session.remove_output(output)
        output.change(depth=False)
        device.active_format = ROOMY
        session.remove_input(taken[0])
        raise KeyError
    assert (session.inputs, session.outputs) == (taken, (output,))
    assert output.needs_depth
    assert output.connection is not None
    assert device.active_format == SMALL
    with device.lock_for_configuration():
        device.active_format = ROOMY
    assert output.connection.format == ROOMY


def test_an_inner_exception_that_is_caught_undoes_the_inner_part_alone() -> None:
    session, first, second = nf.CaptureSession(), Kept(), Kept()
    with session.configuration():
        session.add_output(first)
        with pytest.raises(KeyError), session.configuration():  # noqa: PT012
            session.add_output(second)
            session.remove_output(first)
            raise KeyError
        assert session.outputs == (first,)
    assert session.outputs == (first,)
    assert (first.connection is None, second.connection is None) == (False, True)


def test_a_running_camera_sees_the_outermost_end_alone() -> None:
    camera, output = HandCamera(), Kept()
    session, device = session_of(camera, output)
    with session:
        session.start()
        with session.configuration():
            with session.configuration():
                device.active_depth_format = DEPTH
            output.change(depth=False)
            assert len(camera.started) == 1
            output.change(depth=True)
        assert [chosen.depth for chosen in camera.started] == [SMALL.depth, DEPTH]
        with pytest.raises(KeyError), session.configuration():  # noqa: PT012
            device.active_format = ROOMY
            raise KeyError
        assert len(camera.started) == 2


ACTS = (
    "input",
    "output 0",
    "output 1",
    "preset",
    "format",
    "depth",
    "zoom",
    "wish",
    "nest",
    "caught",
    "fail",
)


class Trial:
    """Random calls on a session; keeps what it should look like."""

    def __init__(self) -> None:
        self.session = nf.CaptureSession()
        self.device = nf.Device(HandCamera())
        self.input = nf.DeviceInput(self.device)
        self.kept = (Dependent(depth=False), Dependent(depth=False))

    def seen(self) -> tuple[Any, ...]:
        return (
            self.session.inputs,
            self.session.outputs,
            self.session.preset,
            dict(self.device.noted()),
            [(dict(output.noted()), output.connection) for output in self.kept],
        )

    def act(self, name: str, pick: int) -> None:
        session, device = self.session, self.device
        if name == "input":
            (session.remove_input if self.input in session.inputs else session.add_input)(self.input)
        elif name.startswith("output"):
            output = self.kept[int(name[-1])]
            (session.remove_output if output in session.outputs else session.add_output)(output)
        elif name == "preset":
            session.preset = list(nf.Preset)[pick % 4]
        elif name == "format":
            device.active_format = device.formats[pick % 3]
        elif name == "depth":
            device.active_depth_format = (None, DEPTH, SMALL.depth, ROOMY.depth)[pick % 4]
        elif name == "zoom":
            device.zoom_factor = 1.0 + pick % 5
        elif name == "wish" and self.kept[pick % 2].connection is not None:
            self.kept[pick % 2].change(depth=bool(pick % 4 // 2))

    def play(self, calls: list[tuple[str, int]]) -> None:
        """Carry the calls out in one configuration, with savepoints; InvalidConfiguration may come of it."""
        with self.session.configuration():
            while calls:
                name, pick = calls.pop(0)
                if name == "nest":
                    self.play(calls)
                elif name == "caught":
                    before = self.seen()
                    try:
                        self.play(calls)
                    except (KeyError, nf.InvalidConfiguration):
                        assert self.seen() == before
                elif name == "fail":
                    raise KeyError
                else:
                    self.act(name, pick)


@given(st.lists(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 20)), max_size=8), max_size=6))
def test_whatever_is_called_it_is_done_whole_or_not_at_all(batches: list[list[tuple[str, int]]]) -> None:
    trial = Trial()
    for batch in batches:
        before = trial.seen()
        try:
            trial.play(list(batch))
        except (KeyError, nf.InvalidConfiguration):
            assert trial.seen() == before
        session, device = trial.session, trial.device
        for output in trial.kept:
            assert (output in session.outputs) == (output.connection is not None)
            if output in session.outputs and output.needs_depth:
                assert session.inputs
                assert device.active_depth_format is not None
        assert device.active_depth_format in (None, *device.active_format.supported_depth_formats)
        assert 1.0 <= device.zoom_factor <= device.active_format.max_zoom
        if session.inputs and session.preset is not nf.Preset.INPUT_PRIORITY:
            assert device.active_format == device.format_for(session.preset)
    trial.session.close()
