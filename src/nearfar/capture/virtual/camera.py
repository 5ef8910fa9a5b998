"""`VirtualCamera`: what all virtual cameras share: the scene, the path, the pace, and the truth beside them.

    thread that looks      see 0 │ see 1      │ see 2      │ …        frame k shows the scene at k / rate
    thread that measures         │ measure 0  │ measure 1  │ …        ──▶ emit 0, emit 1, … in this order

What is seen and measured hangs on nothing but the options, the format and the frame's number, so the same
frame has the same bits however many threads there are, and whichever frames were left out before it.
"""

from __future__ import annotations

import hashlib
import threading
from abc import abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.capture.clock import Clock
from nearfar.capture.formats import Format
from nearfar.capture.source import DeviceInfo, Emit, Still, ThreadedSource
from nearfar.capture.virtual.exif import metadata_of
from nearfar.capture.virtual.lenses import Lens
from nearfar.capture.virtual.options import Options
from nearfar.capture.virtual.stage import Stage
from nearfar.depth import Calibration, DepthMap, Frame, Pose
from nearfar.errors import CaptureError
from nearfar.scene import Rendering, Scene, SensorNoise, render, render_color

__all__ = ["Seen", "VirtualCamera"]

_ELECTRONS = 6000.0
"""Full well of the sensors' pixels."""
_STREAM_BINNED = 8
"""How many pixels of a sensor one of the streamed picture joins: the rest are not read out."""
_READ_NOISE = 4.0
_VIGNETTING = 0.08
"""What is left of it once the phone has evened the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One moment, as the camera that gives the colour sees it, and what its depth is to be measured from."""

    color: NDArray[np.uint8]
    pose: Pose
    raw: Any = None


class VirtualCamera(ThreadedSource):
    """A camera in a made scene. The scene is loaded by `prepare`, or by the first that needs it.

    Args:
        info: what it says of itself.
        formats: what it can give.
        options: what was asked for.
        lens: the camera that gives the colour.
        moved: how the camera stands to the scene's own place for one: camera_from_place, metres.
    """

    def __init__(
        self, info: DeviceInfo, formats: tuple[Format, ...], options: Options, lens: Lens, moved: Pose
    ) -> None:
        super().__init__()
        self._info, self._formats = info, formats
        self._options, self._lens, self._moved = options, lens, moved
        self._stage: Stage | None = None
        self._loading = threading.Lock()
        self._begun: float | None = None
        self._warm = False

    @property
    def info(self) -> DeviceInfo:
        """See `Source.info`."""
        return self._info

    @property
    def formats(self) -> tuple[Format, ...]:
        """See `Source.formats`."""
        return self._formats

    def prepare(self) -> None:
        """Load the scene and make a first frame, so that `start` need not. See `PreparedSource.prepare`.

        Raises:
            FileError: the scene's file is at fault.
            MissingExtra: the extra ``scene`` is not installed.
        """
        if not self._warm:
            self.frame(self._formats[0], 0, 0.0)
            self._warm = True

    def start(self, format: Format, emit: Emit, clock: Clock) -> None:
        """See `Source.start`."""
        self.prepared()
        with self._condition:  # the thread waits for its beginning: a photo may be taken from here on
            super().start(format, emit, clock)
            self._begun = clock.now()

    def stop(self) -> None:
        """See `Source.stop`."""
        super().stop()
        self._begun = None

    def frame(self, format: Format, sequence: int, time: float) -> Frame:
        """The frame of a number: of the scene at ``sequence / format.rate`` seconds after the start."""
        return self._measured(format, sequence, time, self.see(format, sequence, sequence / format.rate))

    def truth(self, seconds: float, format: Format | None = None) -> Rendering:
        """What is true, in the size of the format's depth (of its colour, where it has none).

        Args:
            seconds: since the start; frame k is of k / rate.
            format: one of `formats`, the first when None.
        """
        chosen = self._formats[0] if format is None else format
        size = chosen.size if chosen.depth is None else chosen.depth.size
        stage = self.prepared()
        return render(stage.scene, self.calibration(chosen.size), stage.pose(seconds), seconds, size=size)

    def still(self, format: Format, time: float) -> Still:
        """See `StillSource.still`. The stream goes on meanwhile, at what rate it can."""
        begun = self._begun
        if begun is None:
            raise CaptureError("it takes photos only while it runs", device=self.info.name)
        still = self.photo(format, time, time - begun)
        return replace(still, metadata=metadata_of(self._lens, self.info.title))

    # For the kinds of camera to fill in

    @abstractmethod
    def see(self, format: Format, sequence: int, seconds: float) -> Seen:
        """Look at the scene at a moment."""

    @abstractmethod
    def measure(self, format: Format, sequence: int, seen: Seen) -> DepthMap | None:
        """Work out depth from what was seen, as ``format.depth`` says; None where it says none."""

    @abstractmethod
    def photo(self, format: Format, time: float, seconds: float) -> Still:
        """A photo of the moment ``seconds`` after the start, host time ``time``."""

    # For the kinds of camera to use

    def prepared(self) -> Stage:
        """The scene and the camera's path in it, loaded once."""
        with self._loading:
            if self._stage is None:
                self._stage = Stage.load(self._options, self._lens, self._moved)
            return self._stage

    def calibration(self, size: tuple[int, int]) -> Calibration:
        """Of the colour picture of a size, in px of the sensor."""
        return self._lens.calibration(size, self._options.distortion)

    def picture(
        self,
        calibration: Calibration,
        seconds: float,
        size: tuple[int, int],
        seed: int,
        *,
        gain: float = 1.0,
        binned: int = _STREAM_BINNED,
    ) -> Rendering:
        """What a camera of the phone sees, with the noise of ``binned`` pixels of its sensor in each one."""
        scene, pose, noise = self._setting(seconds, gain, binned)
        return render(scene, calibration, pose, seconds, size=size, noise=noise, seed=seed)

    def colors(
        self,
        calibration: Calibration,
        seconds: float,
        size: tuple[int, int],
        seed: int,
        *,
        gain: float = 1.0,
        binned: int = _STREAM_BINNED,
    ) -> Seen:
        """The colour of `picture` and where it was seen from, without what is true: for photos."""
        scene, pose, noise = self._setting(seconds, gain, binned)
        found = render_color(scene, calibration, pose, seconds, size=size, noise=noise, seed=seed)
        return Seen(found, pose @ calibration.pose)

    def _setting(self, seconds: float, gain: float, binned: int) -> tuple[Scene, Pose, SensorNoise | None]:
        stage = self.prepared()
        scene = stage.scene if gain == 1.0 else stage.brighter(gain)
        amount = self._options.noise
        full = max(1.0, binned * _ELECTRONS / amount**2) if amount else 0.0
        return scene, stage.pose(seconds), SensorNoise(full, _READ_NOISE, _VIGNETTING) if amount else None

    def seed(self, *what: Any) -> int:
        """A number below 2⁶³ for the noise of something: other things, and other seeds, have others."""
        words = "/".join(str(word) for word in (self._options.seed, *what))
        return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "little") >> 1

    # The stream

    def _measured(self, format: Format, sequence: int, time: float, seen: Seen) -> Frame:
        depth = self.measure(format, sequence, seen) if format.depth is not None else None
        return Frame(time, sequence, seen.color, depth, seen.pose)

    def _stream(self, format: Format, emit: Emit, clock: Clock) -> None:
        """Emit frames, each looked at while the one before is measured."""
        with self._condition:
            begun = self._begun
        if begun is None:
            return
        with ThreadPoolExecutor(1, thread_name_prefix=f"{self.info.name} looks") as looking:

            def look(number: int) -> Any:
                return number, looking.submit(self.see, format, number, number / format.rate)

            def due(after: int) -> int:
                return max(after + 1, int((clock.now() - begun) * format.rate))

            sequence, seen = look(0)
            while not self._stopping:
                now = seen.result()
                coming = look(due(sequence))
                time = begun + sequence / format.rate
                frame = self._measured(format, sequence, time, now)
                if not self._waited(clock, time):
                    return
                emit(frame)
                sequence, seen = coming
