"""Photos from a session: Apple's rules, Apple's order, and no photo without an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nearfar as nf
from capture.cameras import METRES, PlainCamera, StillCamera

WITH_DEPTH = nf.PhotoSettings(depth_delivery_enabled=True)


def opened(source: Any, *, depth: bool = True) -> tuple[nf.CaptureSession, nf.PhotoOutput, nf.Device]:
    session, output, device = nf.CaptureSession(), nf.PhotoOutput(), nf.Device(source)
    with session.configuration():
        session.add_input(nf.DeviceInput(device))
        session.add_output(output)
        output.depth_delivery_enabled = depth
    session.start()
    return session, output, device


@pytest.fixture(params=[PlainCamera, StillCamera])
def running(request: pytest.FixtureRequest) -> Iterator[tuple[nf.CaptureSession, nf.PhotoOutput]]:
    session, output, _ = opened(request.param())
    yield session, output
    session.stop()


class Listener(nf.PhotoCaptureDelegate):
    """Notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.threads: set[str] = set()
        self.photos: list[nf.CapturedPhoto] = []

    def note(self, word: str) -> None:
        self.heard.append(word)
        self.threads.add(threading.current_thread().name)

    def will_begin_capture(self, resolved: Any) -> None:
        self.note("will begin")

    def will_capture_photo(self, resolved: Any) -> None:
        self.note("will capture")

    def did_capture_photo(self, resolved: Any) -> None:
        self.note("did capture")

    def did_finish_processing_photo(self, photo: Any, error: Any) -> None:
        self.note("photo" if error is None else type(error).__name__)
        self.photos += [] if photo is None else [photo]

    def did_finish_capture(self, resolved: Any, error: Any) -> None:
        self.note("did finish")


def test_a_photo_has_its_depth_at_once_and_in_its_file(
    running: tuple[nf.CaptureSession, nf.PhotoOutput],
) -> None:
    photo = running[1].capture(WITH_DEPTH).result(timeout=10)
    assert photo.depth is not None
    assert photo.depth.kind is nf.DepthKind.DISPARITY
    assert photo.depth.filtered
    assert photo.depth.holes == 0
    data = photo.file_data()
    assert data[4:12] == b"ftypheic"
    again = nf.open(data)
    assert again.depth is not None
    assert np.abs(again.color.astype(int) - photo.color).max() <= 3
    assert np.allclose(again.depth.values, photo.depth.values, rtol=0.01)
    assert again.metadata.captured is not None
    assert again.metadata.device is not None


def test_what_is_not_asked_for_is_not_delivered(running: tuple[nf.CaptureSession, nf.PhotoOutput]) -> None:
    photo = running[1].capture(nf.PhotoSettings(codec="jpeg")).result(timeout=10)
    assert photo.depth is None
    assert photo.file_data()[:2] == b"\xff\xd8"
    assert nf.open(photo.file_data()).depth is None


def test_depth_is_embedded_unless_told_not_to(
    running: tuple[nf.CaptureSession, nf.PhotoOutput], tmp_path: Path
) -> None:
    settings = nf.PhotoSettings(depth_delivery_enabled=True, embeds_depth=False)
    photo = running[1].capture(settings).result(timeout=10)
    assert photo.depth is not None
    photo.save(tmp_path / "shot.heic")
    assert nf.open(tmp_path / "shot.heic").depth is None
    assert nf.open(photo.file_data()).depth is None


def test_unfiltered_depth_keeps_its_holes(running: tuple[nf.CaptureSession, nf.PhotoOutput]) -> None:
    settings = nf.PhotoSettings(depth_delivery_enabled=True, depth_filtered=False)
    depth = running[1].capture(settings).result(timeout=10).depth
    assert depth is not None
    assert not depth.filtered
    assert np.isnan(depth.values[0, 0])
    assert depth.holes == pytest.approx(1 / depth.values.size)


def test_the_delegate_hears_in_apples_order_on_one_thread(
    running: tuple[nf.CaptureSession, nf.PhotoOutput],
) -> None:
    listener = Listener()
    photo = running[1].capture(WITH_DEPTH, listener).result(timeout=10)
    assert listener.heard == ["will begin", "will capture", "did capture", "photo", "did finish"]
    assert listener.photos == [photo]
    assert len(listener.threads) == 1
    assert threading.current_thread().name not in listener.threads


def test_each_constituent_is_a_photo_of_its_own() -> None:
    session, output, _ = opened(StillCamera())
    with session:
        assert output.constituent_delivery_supported
        with pytest.raises(nf.InvalidConfiguration, match="off in the output"):
            output.capture(nf.PhotoSettings(constituent_delivery_enabled=True))
        output.constituent_delivery_enabled = True
        settings = nf.PhotoSettings(
            depth_delivery_enabled=True, constituent_delivery_enabled=True, calibration_delivery_enabled=True
        )
        listener = Listener()
        first = output.capture(settings, listener).result(timeout=10)
        assert listener.heard == ["will begin", "will capture", "did capture", "photo", "photo", "did finish"]
        assert [photo.constituent for photo in listener.photos] == ["wide", "tele"]
        assert [int(photo.color[0, 0, 0]) for photo in listener.photos] == [200, 201]
        assert first is listener.photos[0]
        assert first.resolved.expected_photo_count == 2
        assert first.calibration is not None


def test_a_plain_device_has_no_constituents_and_no_mattes() -> None:
    session, output, _ = opened(PlainCamera())
    with session:
        with pytest.raises(nf.InvalidConfiguration, match="joins several cameras"):
            output.constituent_delivery_enabled = True
        with pytest.raises(nf.InvalidConfiguration, match="subset of available_mattes"):
            output.enabled_mattes = [nf.MatteKind.HAIR]


def test_mattes_come_where_they_were_enabled_and_asked_for() -> None:
    session, output, _ = opened(StillCamera())
    with session:
        assert output.available_mattes == (nf.MatteKind.PORTRAIT, nf.MatteKind.HAIR)
        with pytest.raises(nf.InvalidConfiguration, match="enabled_mattes"):
            output.capture(nf.PhotoSettings(depth_delivery_enabled=True, mattes=[nf.MatteKind.HAIR]))
        output.enabled_mattes = [nf.MatteKind.HAIR]
        photo = output.capture(
            nf.PhotoSettings(depth_delivery_enabled=True, mattes=[nf.MatteKind.HAIR])
        ).result(timeout=10)
        assert set(photo.mattes) == {nf.MatteKind.HAIR}
        assert set(nf.open(photo.file_data()).mattes) == {nf.MatteKind.HAIR}
        left_out = nf.PhotoSettings(
            depth_delivery_enabled=True, mattes=[nf.MatteKind.HAIR], embeds_mattes=False
        )
        assert not nf.open(output.capture(left_out).result(timeout=10).file_data()).mattes
        output.depth_delivery_enabled = False
        assert output.enabled_mattes == frozenset()


def test_metres_are_delivered_where_a_depth_format_is_active() -> None:
    session, output, device = nf.CaptureSession(), nf.PhotoOutput(), nf.Device(PlainCamera())
    with session:
        with session.configuration():
            session.add_input(nf.DeviceInput(device))
            session.add_output(output)
            device.active_depth_format = METRES
            output.depth_delivery_enabled = True
        session.start()
        depth = output.capture(WITH_DEPTH).result(timeout=10).depth
        assert depth is not None
        assert (depth.kind, depth.accuracy) == (nf.DepthKind.DEPTH, nf.Accuracy.ABSOLUTE)


def test_rules_are_told_in_words() -> None:
    output = nf.PhotoOutput()
    assert not output.depth_delivery_supported
    with pytest.raises(nf.InvalidConfiguration, match="not supported in the current configuration"):
        output.depth_delivery_enabled = True
    with pytest.raises(nf.InvalidConfiguration, match="needs a session"):
        output.capture()
    session, output, _ = opened(PlainCamera(), depth=False)
    with session:
        with pytest.raises(nf.InvalidConfiguration, match="while it is off in the output"):
            output.capture(WITH_DEPTH)
        session.stop()
        with pytest.raises(nf.InvalidConfiguration, match="running session"):
            output.capture()


def test_depth_delivery_goes_when_its_support_goes() -> None:
    session, output, device = opened(PlainCamera())
    with session:
        with session.configuration():
            device.active_format = device.formats[1]
        assert not output.depth_delivery_supported
        assert not output.depth_delivery_enabled


@pytest.mark.parametrize("how", ["stop", "reconfigure", "remove"])
def test_photos_under_way_end_with_a_reason(how: str) -> None:
    camera, listener = StillCamera(), Listener()
    session, output, _ = opened(camera)
    with session:
        camera.gate.clear()
        futures = [output.capture(WITH_DEPTH, listener) for _ in range(3)]
        if how == "stop":
            session.stop()
        elif how == "reconfigure":
            output.depth_delivery_enabled = False
        else:
            session.remove_output(output)
        for future in futures:
            assert isinstance(future.exception(timeout=10), nf.CaptureError)
        camera.gate.set()
    assert listener.photos == []
    assert listener.heard.count("did finish") == 3


def test_a_delegates_fault_is_reported_and_the_photo_comes() -> None:
    class Clumsy:
        def did_capture_photo(self, resolved: Any) -> None:
            raise RuntimeError("butterfingers")

    session, output, _ = opened(PlainCamera())
    with session:
        assert output.capture(WITH_DEPTH, Clumsy()).result(timeout=10).depth is not None


@pytest.mark.parametrize("moment", ["will_begin_capture", "did_capture_photo", "did_finish_capture"])
@pytest.mark.parametrize("ask", ["result", "exception"])
def test_a_delegate_that_waits_for_its_own_photo_is_told_so(moment: str, ask: str) -> None:
    futures: list[Any] = []
    there = threading.Event()

    class Waiting:
        def __getattr__(self, name: str) -> Any:
            if name != moment:
                raise AttributeError(name)
            return self.wait

        def wait(self, *_: Any) -> None:
            there.wait(10)
            with pytest.raises(TimeoutError):
                futures[0].result(timeout=0)
            getattr(futures[0], ask)()

    session, output, _ = opened(PlainCamera())
    events = session.events(timeout=10)
    with session:
        futures.append(output.capture(WITH_DEPTH, Waiting()))
        there.set()
        assert futures[0].result(timeout=10).depth is not None
        told = next(event for event in events if event.error is not None)
        assert isinstance(told.error, nf.CaptureError)
        assert "did_finish_processing_photo" in str(told.error)


def test_a_photo_can_be_awaited(running: tuple[nf.CaptureSession, nf.PhotoOutput]) -> None:
    async def taken() -> nf.CapturedPhoto:
        return await asyncio.wait_for(asyncio.wrap_future(running[1].capture()), 10)

    assert asyncio.run(taken()).size[0] > 0


def test_shoot_is_all_of_it_in_one_line() -> None:
    photo = nf.shoot(StillCamera(), codec="jpeg")
    assert photo.size == (64, 48)
    assert photo.depth is not None
    assert photo.settings.codec == "jpeg"
    assert nf.shoot(PlainCamera(), depth=False).depth is None


def test_an_input_makes_its_camera_ready_before_the_session_starts() -> None:
    class Slow(PlainCamera):
        ready = 0

        def prepare(self) -> None:
            self.ready += 1

        def start(self, *words: Any) -> None:
            assert self.ready == 1, "the session started a camera that was not ready"
            super().start(*words)

    camera = Slow()
    assert nf.shoot(camera, depth=False).size == (32, 24)
    assert camera.ready == 1


def test_not_even_an_exit_in_a_delegate_ends_the_photos() -> None:
    class Leaving:
        def did_capture_photo(self, resolved: Any) -> None:
            raise SystemExit("enough")

    session, output, _ = opened(PlainCamera())
    events = session.events(timeout=10)
    with session:
        assert output.capture(WITH_DEPTH, Leaving()).result(timeout=10).depth is not None
        assert output.capture(WITH_DEPTH).result(timeout=10).depth is not None
        told = next(event for event in events if event.error is not None)
        assert isinstance(told.error, nf.CaptureError)
        assert "SystemExit" in str(told.error)


def test_a_photo_ends_though_its_camera_gives_up_by_an_exit() -> None:
    class Leaving(StillCamera):
        def still(self, format: Any, time: float) -> Any:
            raise SystemExit("enough")

    session, output, _ = opened(Leaving())
    with session:
        assert isinstance(output.capture().exception(timeout=10), nf.CaptureError)


def test_asking_while_another_thread_changes_inputs_and_outputs_breaks_rules_at_most() -> None:
    session, output, _ = opened(PlainCamera())
    wrong: list[BaseException] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                assert not output.available_mattes
                assert not output.constituent_delivery_supported
                assert output.depth_delivery_supported in (True, False)
                output.capture().exception(timeout=10)
            except nf.CaptureError:
                continue
            except BaseException as error:  # noqa: BLE001 - shown below
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    with session:
        for thread in threads:
            thread.start()
        for _ in range(40):
            (given,) = session.inputs
            session.remove_input(given)
            session.remove_output(output)
            session.add_output(output)
            session.add_input(given)
        done.set()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
    assert wrong == []


def test_constituents_of_a_dual_camera_come_with_a_calibration_each() -> None:
    session, output, _ = opened("virtual:dual?size=160x120")
    with session:
        output.constituent_delivery_enabled = True
        settings = nf.PhotoSettings(constituent_delivery_enabled=True, calibration_delivery_enabled=True)
        listener = Listener()
        output.capture(settings, listener).result(timeout=20)
    tele, wide = (photo.calibration for photo in listener.photos)
    assert tele is not None
    assert wide is not None
    (tele_width, _), (wide_width, _) = tele.reference_size, wide.reference_size
    assert tele.fx / tele_width > 1.5 * wide.fx / wide_width
    assert np.linalg.norm(wide.pose.translation - tele.pose.translation) == pytest.approx(0.02)
    assert all(photo.depth is None for photo in listener.photos)
