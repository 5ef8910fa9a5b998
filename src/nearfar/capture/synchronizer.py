"""`Synchronizer`: color and depth of one moment, together in one `Frame`.

    VideoOutput ─┐  receive   ┌─────────┐ groups                     one Frame each, to a callback,
                 ├───────────▶│ Pairing │───────▶ Delivery ─────────▶ for `for` or for `async for`
    DepthOutput ─┘            └─────────┘

Mirrors AVCaptureDataOutputSynchronizer: the rule is in `pairing`, the queue in `delivery`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from types import TracebackType
from typing import Self

from nearfar.capture.data_outputs import DataOutput, DepthOutput
from nearfar.capture.delivery import END_SECONDS, Callback, Delivery, Entry, OutputCounts
from nearfar.capture.frame_iterators import Deliverer
from nearfar.capture.pairing import PATIENCE_PERIODS, Pairing
from nearfar.depth import Frame
from nearfar.errors import InvalidConfiguration

__all__ = ["Synchronizer"]

USUAL_PERIOD = 1.0 / 30.0
"""Until a session says what its device gives."""


class Synchronizer(Deliverer):
    """Joins what outputs receive into frames (AVCaptureDataOutputSynchronizer).

    The first output is the primary one. Its data waits until every other output has data of the same moment
    (within half a frame's duration), or is known to have none: because it has moved on, two frames' durations
    went by, or it has been silent for seven. What another output has from before the primary one's next data
    comes as a frame of its own.

    In a frame, a stream that is None with a reason in ``dropped`` was captured and lost; without one there
    was nothing. ``time`` and ``sequence`` are the primary output's where it has part in the frame. While the
    synchronizer exists, the outputs' own callbacks are not called; after `close` they are again. Data that is
    late drops as each output's ``always_discards_late_data`` says; a frame of which nothing is left then goes
    to ``on_drop`` alone.

    Args:
        outputs: the primary one first; one of each kind.
        callback: see `set_callback`, as for the next two.
        on_drop: called with frames that were late.
        callback_executor: runs the callbacks.

    Raises:
        InvalidConfiguration: no output, two of a kind, outputs of different sessions, or one that another
            synchronizer has.
    """

    def __init__(
        self,
        outputs: Sequence[DataOutput],
        callback: Callback | None = None,
        *,
        on_drop: Callback | None = None,
        callback_executor: Executor | None = None,
    ) -> None:
        self._outputs = tuple(outputs)
        self._streams = tuple(output.stream for output in self._outputs)
        if not outputs or len(set(self._streams)) != len(outputs):
            given = ", ".join(self._streams) or "none"
            raise InvalidConfiguration(f"a synchronizer takes one output of each kind, not: {given}")
        if len({id(output.connection) for output in self._outputs if output.connection is not None}) > 1:
            raise InvalidConfiguration("the outputs of a synchronizer belong to one session")
        self._tallies = tuple(output.tally for output in self._outputs)
        self._depth = next((output for output in self._outputs if isinstance(output, DepthOutput)), None)
        self._pairing: Pairing[Frame] = Pairing(len(self._outputs), USUAL_PERIOD)
        self._stirred = False
        delivery = Delivery("synchronizer", self._tallies, self._assembled, tells_drops=True, due=self._due)
        super().__init__(delivery)
        self.connected()
        self.set_callback(callback, on_drop=on_drop, callback_executor=callback_executor)
        for place, output in enumerate(self._outputs):
            try:
                output.join(self, place)
            except InvalidConfiguration:
                for joined in self._outputs[:place]:
                    joined.join(None)
                raise

    @property
    def outputs(self) -> tuple[DataOutput, ...]:
        """What it joins, the primary one first."""
        return self._outputs

    @property
    def counts(self) -> Mapping[str, OutputCounts]:
        """The counts of its outputs, "color" and "depth", at one moment."""
        with self._delivery.condition:
            return {tally.stream: tally.counts() for tally in self._tallies}

    def close(self) -> None:
        """Let the outputs go their own way again. What still waits is dropped. Idempotent."""
        with self._delivery.condition:
            outputs, self._outputs = self._outputs, ()
            self._put_all(self._pairing.flush())
            self._delivery.drop_waiting()
        for output in outputs:
            output.join(None)
        self._delivery.end()
        self._delivery.rest(self._delivery.clock.now() + END_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # For the outputs.

    @property
    def delivery(self) -> Delivery:
        """See `Joint`."""
        return self._delivery

    def receive(self, place: int, frame: Frame) -> None:
        """See `Joint`."""
        delivery = self._delivery
        with delivery.condition:
            if not self._tallies[place].receive(frame):
                return
            self._stirred, delivery.over = True, False
            groups = self._pairing.offer(place, frame.time, frame, delivery.clock.now())
            if groups:
                self._put_all(groups)
            elif not delivery.alert:
                delivery.wake()

    def flush(self) -> None:
        """See `Joint`."""
        with self._delivery.condition:
            self._put_all(self._pairing.flush())

    def connected(self) -> None:
        """See `Joint`."""
        connection = next((output.connection for output in self._outputs if output.connection), None)
        if connection is None:
            return
        given = connection.format
        with self._delivery.condition:
            self._delivery.connect(connection.clock, connection.report)
            if given is not None:
                self._pairing.period = 1.0 / given.rate

    def _due(self) -> float | None:
        """Put what has waited long enough; when to look again, as long as anything comes."""
        now = self._delivery.clock.now()
        self._put_all(self._pairing.advance(now))
        deadline = self._pairing.deadline
        if deadline is None and self._stirred:
            # What comes next is not due before that, and so needs to wake nobody.
            deadline = now + PATIENCE_PERIODS * self._pairing.period
        self._stirred = False
        return deadline

    def _put_all(self, groups: Sequence[tuple[Frame | None, ...]]) -> None:
        for group in groups:
            self._delivery.put(list(group))

    def _runs(self) -> bool:
        connections = [output.connection for output in self._outputs]
        return any(connection is not None and connection.running for connection in connections)

    def _assembled(self, entry: Entry) -> Frame:
        frames = [frame for frame in entry if frame is not None]
        first = frames[0]
        if len(entry) == 1 or len(frames) == 1 or frames[1] is not first:
            first = self._joined(first, entry)
        if self._depth is not None:
            depth = self._depth.filtered(first)
            if depth is not first.depth:
                first = first.replace(depth=depth)
        return first

    def _joined(self, first: Frame, entry: Entry) -> Frame:
        parts = {
            stream: frame for stream, frame in zip(self._streams, entry, strict=True) if frame is not None
        }
        color, depth = parts.get("color"), parts.get("depth")
        pose = next((frame.pose for frame in parts.values() if frame.pose is not None), None)
        return Frame(
            first.time,
            first.sequence,
            None if color is None else color.color,
            None if depth is None else depth.depth,
            pose,
            {stream: frame.dropped[stream] for stream, frame in parts.items() if stream in frame.dropped},
        )
