"""`OpenedCamera`: one camera in one format, for all that the studio does with it at a time.

MeteredSource ── SharedSource ─┬─ CameraDevice ──▶ pages
                               ├─ a session for each photo
                               └─ a session for each recording
"""

from __future__ import annotations

import threading
from dataclasses import replace

from nearfar.capture import (
    CapturedPhoto,
    CaptureSession,
    DepthFormat,
    Device,
    DeviceInput,
    Format,
    PhotoOutput,
    PhotoSettings,
    PreparedSource,
    SharedSource,
    Source,
)
from nearfar.depth import DropReason
from nearfar.errors import CaptureError, InvalidConfiguration
from nearfar.studio.answers import DroppedFrames, FormatEntry
from nearfar.studio.metering import MeteredSource
from nearfar.studio.refusals import said_of_disk
from nearfar.xr import CameraDevice

__all__ = ["OpenedCamera", "open_camera"]

_PATIENCE = 30.0
"""Seconds that a photo may take."""


class OpenedCamera:
    """A camera that can be looked through.

    Args:
        source: the camera; nobody else uses it.
        format: a place in `formats`.

    Attributes:
        title: what people call it.
        formats: what it can be set to, in words.
        format: which of them it is set to.
        meter: how it fares.
        device: feeds pages.
        has_depth: whether it gives depth in this format.
    """

    def __init__(self, source: MeteredSource, format: int = 0) -> None:
        offered = _offered(source.formats)
        if not 0 <= format < len(offered):
            raise InvalidConfiguration(
                f"there is no format {format}: it has {len(offered)}", device=source.info.name
            )
        self._source = source
        self._shared = SharedSource(source, offered[format].chosen(depth_format=_finest(offered[format])))
        self._shooting: CaptureSession | None = None
        self._closed = False
        self._lock = threading.Lock()
        self.title = source.info.title
        self.formats = tuple(map(_format_entry, offered))
        self.format = format
        self.meter = source.meter
        self.device = CameraDevice(Device(self._shared.branch()))
        self.has_depth = self._shared.format.depth is not None

    def in_format(self, format: int) -> OpenedCamera:
        """The same camera in another format; one of the two may run.

        Raises:
            InvalidConfiguration: there is no such format.
        """
        return OpenedCamera(self._source, format)

    def branch(self) -> Source:
        """For one more session."""
        return self._shared.branch()

    def shoot(self) -> CapturedPhoto:
        """Take a photo with all that the camera can give. Blocks.

        Raises:
            CaptureError: it could not, or was closed meanwhile.
        """
        with CaptureSession() as session:
            with self._lock:
                if self._closed:
                    raise CaptureError("the studio is closing", device=self._source.info.name)
                self._shooting = session
            try:
                return _photo_of(session, self.branch())
            except TimeoutError:
                words = f"it gave no photo within {_PATIENCE:.0f} s; is it still there?"
                raise CaptureError(words, device=self._source.info.name) from None
            finally:
                self._shooting = None

    def close(self) -> None:
        """Let go of a photo that is being taken, and take no more."""
        with self._lock:
            self._closed, session = True, self._shooting
        if session is not None:
            session.close()

    def dropped(self) -> tuple[DroppedFrames, ...]:
        """Frames that were not shown, and why."""
        late = self.device.counts.get("color")
        busy = (
            0
            if late is None
            else late.dropped[DropReason.LATE_DATA] + late.dropped[DropReason.OUT_OF_BUFFERS]
        )
        found = (
            DroppedFrames(self.meter.lost, "the camera could not keep up with its frame rate"),
            DroppedFrames(self.meter.without_depth, "the camera gave a picture without its depth"),
            DroppedFrames(busy, "this computer was still busy with the frame before"),
        )
        return tuple(each for each in found if each.count)


def open_camera(name: str) -> OpenedCamera:
    """Open the camera of a name, ready to start. Blocks.

    Raises:
        NearfarError: what stands in the way.
    """
    try:
        source = MeteredSource(Device(name).source)
        if isinstance(source, PreparedSource):
            source.prepare()
        return OpenedCamera(source)
    except OSError as problem:
        raise CaptureError(f"it cannot be opened: {said_of_disk(problem)}", device=name) from problem


def _photo_of(session: CaptureSession, camera: Source) -> CapturedPhoto:
    output = PhotoOutput()
    with session.configuration():
        session.add_input(DeviceInput(camera))
        session.add_output(output)
        output.depth_delivery_enabled = output.depth_delivery_supported
        output.enabled_mattes = frozenset(output.available_mattes)
    session.start()
    settings = PhotoSettings(
        depth_delivery_enabled=output.depth_delivery_enabled, mattes=tuple(output.enabled_mattes)
    )
    return output.capture(settings).result(timeout=_PATIENCE)


def _offered(formats: tuple[Format, ...]) -> tuple[Format, ...]:
    """Each stream once, with the largest photos that there are beside it."""
    largest: dict[Format, Format] = {}
    for each in formats:
        stream = replace(each, photo_size=None)
        best = largest.get(stream)
        if best is None or each.still_size > best.still_size:
            largest[stream] = each
    return tuple(largest.values())


def _finest(format: Format) -> DepthFormat | None:
    """The format's own depth with the finest numbers."""
    usual = format.depth
    if usual is None:
        return None
    alike = (each for each in format.supported_depth_formats if replace(each, dtype=usual.dtype) == usual)
    return next((each for each in alike if each.dtype == "float32"), usual)


def _format_entry(format: Format) -> FormatEntry:
    size = f"{format.width} × {format.height} pixels, {format.rate:g} frames a second"
    photo = (
        "" if format.still_size == format.size else "; photos of {} × {} pixels".format(*format.still_size)
    )
    depth = _finest(format)
    words = None if depth is None else f"{depth.width} × {depth.height} pixels"
    return FormatEntry(f"{size}{photo}", format.width, format.height, format.rate, words)
