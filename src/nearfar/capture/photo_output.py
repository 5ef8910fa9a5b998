"""`PhotoOutput`: photos with depth from a running session (AVCapturePhotoOutput).

capture(settings, delegate) ──▶ Future[CapturedPhoto]
    checks the rules ── line ── thread of its own: exposure ▶ depth filter ▶ photo ▶ delegate, future
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from concurrent.futures import Future

from nearfar.capture.captured_photo import CapturedPhoto
from nearfar.capture.events import as_failure
from nearfar.capture.output import Connection, Output
from nearfar.capture.photo_making import develop
from nearfar.capture.photo_request import FromStream, PhotoFuture, PhotoRequest, RequestLine
from nearfar.capture.photo_settings import PhotoCodec, PhotoSettings, ResolvedPhotoSettings
from nearfar.capture.source import DeviceInfo, Still
from nearfar.depth import Frame, MatteKind
from nearfar.errors import CaptureError, InvalidConfiguration

__all__ = ["PhotoOutput"]

MOST_UNDER_WAY = 16
_PATIENCE = 5.0


class PhotoOutput(Output):
    """Takes photos, with depth where that is switched on before they are asked for.

    Depth delivery makes the device compute depth: set it in the session's configuration, before ``start``.
    Switched while the session runs, the device is set anew and photos under way end with an error.
    """

    def __init__(self) -> None:
        super().__init__(depth_delivery=False, mattes=frozenset(), constituents=False)
        self._line = RequestLine()
        self._numbers = itertools.count(1)

    # What it can do, and is set to

    @property
    def available_codecs(self) -> tuple[PhotoCodec, ...]:
        """The codecs that settings may name."""
        return ("hevc", "jpeg")

    @property
    def depth_delivery_supported(self) -> bool:
        """Whether the device gives depth in its format; False before the output was added to a session."""
        connection = self._connection
        active = None if connection is None else connection.format
        return active is not None and bool(active.supported_depth_formats)

    @property
    def depth_delivery_enabled(self) -> bool:
        """Whether photos may ask for depth; False again as soon as it is not supported any more.

        Raises:
            InvalidConfiguration: set to True where it is not supported.
        """
        return bool(self.setting("depth_delivery"))

    @depth_delivery_enabled.setter
    def depth_delivery_enabled(self, enabled: bool) -> None:
        if enabled and not self.depth_delivery_supported:
            raise InvalidConfiguration(
                "depth data delivery is not supported in the current configuration: "
                + ("add the output to a session first" if self._connection is None else self._why_no_depth())
            )
        self.change(depth_delivery=bool(enabled))

    @property
    def available_mattes(self) -> tuple[MatteKind, ...]:
        """The kinds of matte that the device's photos can come with; () while depth delivery is off."""
        device = self._device
        return device.mattes if device is not None and self.depth_delivery_enabled else ()

    @property
    def enabled_mattes(self) -> frozenset[MatteKind]:
        """The kinds of matte that photos may ask for; none again when what is available changes.

        Raises:
            InvalidConfiguration: set to kinds that are not available.
        """
        kinds: frozenset[MatteKind] = self.setting("mattes")
        return kinds

    @enabled_mattes.setter
    def enabled_mattes(self, kinds: Iterable[MatteKind]) -> None:
        wanted = frozenset(MatteKind(kind) for kind in kinds)
        beyond = wanted.difference(self.available_mattes)
        if beyond:
            raise InvalidConfiguration(
                f"enabled_mattes must be a subset of available_mattes; not there: {_named(beyond)}"
            )
        self.change(mattes=wanted)

    @property
    def constituent_delivery_supported(self) -> bool:
        """Whether the device joins several cameras whose photos can be had one by one."""
        device = self._device
        return device is not None and len(device.constituents) > 1

    @property
    def constituent_delivery_enabled(self) -> bool:
        """Whether photos may ask for one photo a camera (isVirtualDeviceConstituentPhotoDeliveryEnabled).

        Raises:
            InvalidConfiguration: set to True for a device of one camera.
        """
        return bool(self.setting("constituents"))

    @constituent_delivery_enabled.setter
    def constituent_delivery_enabled(self, enabled: bool) -> None:
        if enabled and not self.constituent_delivery_supported:
            raise InvalidConfiguration("constituent photo delivery needs a device that joins several cameras")
        self.change(constituents=bool(enabled))

    @property
    def calibration_delivery_supported(self) -> bool:
        """Whether photos may ask for their calibration: while constituent delivery is on."""
        return self.constituent_delivery_enabled

    # Photos

    def capture(
        self, settings: PhotoSettings | None = None, delegate: object = None
    ) -> Future[CapturedPhoto]:
        """Take a photo; the future has it, or why there is none.

        Args:
            settings: what to ask for; the defaults when None.
            delegate: told how it comes along: a `PhotoCaptureDelegate`, or any object with some of its
                methods.

        Raises:
            InvalidConfiguration: the settings ask for what the output is not set to, or the output belongs to
                no session, or the session does not run.
            CaptureError: 16 photos are under way already.
        """
        settings = PhotoSettings() if settings is None else settings
        connection = self._connection
        device, active = (None, None) if connection is None else (connection.device, connection.format)
        if connection is None or device is None or active is None:
            raise InvalidConfiguration(
                "a photo needs a session with an input and this output; add them first"
            )
        if not connection.running:
            raise InvalidConfiguration(
                "a photo needs a running session: call start() first, or wait until its interruption is over"
            )
        self._check(settings)
        photos = len(device.constituents) if settings.constituent_delivery_enabled else 1
        resolved = ResolvedPhotoSettings(next(self._numbers), settings, active.still_size, photos)
        request = PhotoRequest(resolved, delegate, PhotoFuture(lambda: self._line.served_here))
        if self._line.add(request, MOST_UNDER_WAY):
            threading.Thread(target=self._serve, name="nearfar photos", daemon=True).start()
        return request.future

    def _check(self, settings: PhotoSettings) -> None:
        if settings.codec not in self.available_codecs:
            raise InvalidConfiguration(f"codec {settings.codec!r} is not one of {self.available_codecs}")
        if settings.depth_delivery_enabled and not self.depth_delivery_enabled:
            raise InvalidConfiguration(
                "depth_delivery_enabled may not be set in the settings while it is off in the output: set "
                "output.depth_delivery_enabled in the session's configuration first"
            )
        beyond = frozenset(settings.mattes).difference(self.enabled_mattes)
        if beyond:
            raise InvalidConfiguration(
                f"mattes must be among the output's enabled_mattes; not there: {_named(beyond)}"
            )
        if settings.constituent_delivery_enabled and not self.constituent_delivery_enabled:
            raise InvalidConfiguration(
                "constituent_delivery_enabled may not be set in the settings while it is off in the output"
            )

    @property
    def _device(self) -> DeviceInfo | None:
        connection = self._connection  # once: another thread may be removing the output
        return None if connection is None else connection.device

    def _why_no_depth(self) -> str:
        device = self._device
        if device is None:
            return "add an input to the session first"
        return f"{device.name} gives no depth in this format; choose a depth device, such as virtual:dual"

    # For the session

    @property
    def needs_depth(self) -> bool:
        """See `Output.needs_depth`."""
        return self.depth_delivery_enabled

    def receive(self, frame: Frame) -> None:
        """See `Output.receive`."""
        self._line.offer(frame)

    def reconfigured(self) -> None:
        """Switch off what the configuration does not support any more, silently, as Apple's does."""
        if self.depth_delivery_enabled and not self.depth_delivery_supported:
            self._settings["depth_delivery"] = False
        if not self.enabled_mattes.issubset(self.available_mattes):
            self._settings["mattes"] = frozenset()
        if self.constituent_delivery_enabled and not self.constituent_delivery_supported:
            self._settings["constituents"] = False

    def halt(self, error: CaptureError | None) -> None:
        """See `Output.halt`: photos under way end with the reason."""
        self._line.halt(error or CaptureError("the session was stopped before the photo was there"))

    # The thread

    def _serve(self) -> None:
        """Take the photos in line, then end."""
        while (request := self._line.next()) is not None:
            connection = self._connection
            error: Exception | None = request.error
            photos: list[CapturedPhoto] = []
            if not request.future.set_running_or_notify_cancel():
                error = CaptureError("the photo was cancelled")
            if error is None:
                try:
                    photos = self._take(request, connection)
                except BaseException as fault:  # noqa: BLE001 - told to the delegate and in the future
                    error = as_failure(fault)
            outcomes: list[CapturedPhoto | None] = [*photos] or [None]
            for photo in outcomes:
                self._tell(connection, request, "did_finish_processing_photo", photo, error)
            self._tell(connection, request, "did_finish_capture", request.resolved, error)
            if request.future.cancelled():
                continue
            if error is not None:
                request.future.set_exception(error)
            else:
                request.future.set_result(photos[0])

    def _take(self, request: PhotoRequest, connection: Connection | None) -> list[CapturedPhoto]:
        device, active = (None, None) if connection is None else (connection.device, connection.format)
        if connection is None or device is None or active is None:
            raise CaptureError(
                "the output, or the input, was removed from its session before the photo was there"
            )
        settings = request.resolved.settings
        for moment in ("will_begin_capture", "will_capture_photo"):
            self._tell(connection, request, moment, request.resolved)
        still = connection.still(depth=settings.depth_delivery_enabled)
        if still is None:
            stream = FromStream(settings.depth_delivery_enabled, 0.5 / active.rate)
            still = Still(self._line.frame(request, stream, connection.clock, _PATIENCE))
        if request.error is not None:
            raise request.error
        self._tell(connection, request, "did_capture_photo", request.resolved)
        return develop(still, request.resolved, device)

    def _tell(
        self, connection: Connection | None, request: PhotoRequest, moment: str, *words: object
    ) -> None:
        """Call a delegate's method, if it has it; what goes wrong there is the session's news."""
        listener = getattr(request.delegate, moment, None)
        if listener is None:
            return
        try:
            listener(*words)
        except BaseException as error:  # noqa: BLE001 - not even sys.exit() in a delegate ends the photos
            if connection is not None:
                connection.report(as_failure(error))


def _named(kinds: Iterable[MatteKind]) -> str:
    return ", ".join(sorted(kind.value for kind in kinds))
