"""`Arrangement`: what a session is made of, changed all at once or not at all.

level() ─ note ─┬─ change … change ─ settle ─┬─ outermost: commit ──▶ Plan
                └── an exception ────────────┴──▶ all as it was noted
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from nearfar.capture.configuration import Configurable
from nearfar.capture.device import Device, DeviceInput, DeviceOwner
from nearfar.capture.formats import Format
from nearfar.capture.kinds import Preset
from nearfar.capture.output import Connection, Output
from nearfar.errors import InvalidConfiguration

__all__ = ["Arrangement", "Plan"]

ROUNDS = 20
"""Outputs that still change their settings after so many rounds are at odds with one another."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A committed arrangement, as it is run.

    Attributes:
        device: the camera; None without an input.
        format: what its source is started with, without depth when nobody needs it.
        photo_format: what a photo is taken with, without depth when the zoom factor gives none.
        depth_spacing: seconds between depth maps at least; inf for none at all.
        color: whether anybody needs it.
        zoom: how far it is zoomed in.
        outputs: who is fed.
    """

    device: Device | None = None
    format: Format | None = None
    photo_format: Format | None = None
    depth_spacing: float = 0.0
    color: bool = True
    zoom: float = 1.0
    outputs: tuple[Output, ...] = ()

    def streams_as(self, other: Plan | None) -> bool:
        """Whether the source can go on as it is."""
        return other is not None and self.device is other.device and self.format == other.format


@dataclass(slots=True)
class _Note:
    """An arrangement as it was, with the settings of all that took part since."""

    inputs: tuple[DeviceInput, ...]
    outputs: tuple[Output, ...]
    preset: Preset
    settings: dict[Configurable, Mapping[str, Any]] = field(default_factory=dict)


class Arrangement:
    """Inputs, outputs and preset of a session, the pending ones inside a configuration.

    Args:
        owner: the session, as a device sees it.
        connection: the session, as an output sees it.
    """

    def __init__(self, owner: DeviceOwner, connection: Connection) -> None:
        self._owner = owner
        self._connection = connection
        self._lock = threading.RLock()
        self._holder: int | None = None
        self._notes: list[_Note] = []
        self._settling = False
        self.inputs: tuple[DeviceInput, ...] = ()
        self.outputs: tuple[Output, ...] = ()
        self.preset = Preset.INPUT_PRIORITY

    @property
    def device(self) -> Device | None:
        """The camera."""
        return self.inputs[0].device if self.inputs else None

    @property
    def depth_needed(self) -> bool:
        """Whether an output needs depth."""
        return any(output.needs_depth for output in self.outputs)

    @property
    def open_here(self) -> bool:
        """Whether this thread is inside a configuration."""
        return self._holder == threading.get_ident()

    @contextmanager
    def held_at_once(self) -> Iterator[bool]:
        """Keep other threads from configuring; False, and not kept, where one is at it."""
        held = self._lock.acquire(blocking=False)
        try:
            yield held
        finally:
            if held:
                self._lock.release()

    @contextmanager
    def level(self, commit: Callable[[Plan], None]) -> Iterator[None]:
        """A configuration inside another one, or the outermost, which is committed at its end."""
        with self._lock:
            note = self._noted()
            self._notes.append(note)
            self._holder = threading.get_ident()
            try:
                yield
                self._settle()
                if len(self._notes) == 1:
                    commit(self._plan())
            except BaseException:
                self._put_back(note)
                raise
            finally:
                self._notes.pop()
                if not self._notes:
                    self._holder = None

    def why_not_input(self, item: DeviceInput) -> str | None:
        """The rule that an input would break; None for none. Raises TypeError for what is no input."""
        if not isinstance(item, DeviceInput):
            raise TypeError(f"an input is a DeviceInput(device), not {_named(item)}")
        if self.inputs:
            return (
                f"a session takes one camera, and has {self.inputs[0].device.name}; remove that input first"
            )
        if item.device.format_for(self.preset) is None:
            return f"the device does not support the session's preset {self.preset.value}"
        return None

    def why_not_output(self, output: Output) -> str | None:
        """The rule that an output would break; None for none. Raises TypeError for what is no output."""
        if not isinstance(output, Output):
            raise TypeError(f"an output is a PhotoOutput(), VideoOutput() or the like, not {_named(output)}")
        if output in self.outputs:
            return "the session has this output already"
        if output.connection is not None:
            return "an output belongs to one session at a time; remove it from the other one first"
        return None if self.device is None else output.why_not(self.device.formats)

    def add_input(self, item: DeviceInput) -> None:
        """Inside a level: add a camera. Raises InvalidConfiguration when a rule forbids it."""
        _refuse(self.why_not_input(item), item.device.name)
        for note in self._notes:
            note.settings.setdefault(item.device, item.device.noted())
        self.inputs += (item,)
        item.device.attach(self._owner)
        item.device.follow(self.preset)

    def remove_input(self, item: DeviceInput) -> None:
        """Inside a level: remove a camera. Raises InvalidConfiguration when it is not there."""
        if item not in self.inputs:
            raise InvalidConfiguration("the session has no such input", device=item.device.name)
        self.inputs = tuple(kept for kept in self.inputs if kept is not item)
        item.device.detach(self._owner)

    def add_output(self, output: Output) -> None:
        """Inside a level: add an output. Raises InvalidConfiguration when a rule forbids it."""
        _refuse(self.why_not_output(output), None if self.device is None else self.device.name)
        for note in self._notes:
            note.settings.setdefault(output, output.noted())
        self.outputs += (output,)
        output.attach(self._connection)

    def remove_output(self, output: Output) -> None:
        """Inside a level: remove an output. Raises InvalidConfiguration when it is not there."""
        if output not in self.outputs:
            raise InvalidConfiguration("the session has no such output")
        self.outputs = tuple(kept for kept in self.outputs if kept is not output)
        output.detach()

    def set_preset(self, preset: Preset) -> None:
        """Inside a level: have the preset choose the format. Raises InvalidConfiguration if there is none."""
        if self.device is not None:
            self.device.follow(preset)
        self.preset = preset

    def _plan(self) -> Plan:
        device = self.device
        if device is None:
            return Plan(outputs=self.outputs)
        chosen = photo = device.configured
        if not device.zoom_gives_depth:
            photo = photo.chosen(depth_format=None)
        spacing = device.active_depth_min_frame_duration or 0.0
        if not self.depth_needed or spacing == math.inf:
            chosen = chosen.chosen(depth_format=None)
        if chosen.depth is None or not device.zoom_gives_depth:
            spacing = math.inf
        color = any(output.needs_color for output in self.outputs)
        return Plan(device, chosen, photo, spacing, color, device.zoom_factor, self.outputs)

    def _settle(self) -> None:
        """Let outputs and device give up what the pending configuration no longer supports."""
        if self._settling:
            return
        self._settling = True
        try:
            for _ in range(ROUNDS):
                before = self._noted().settings
                for output in self.outputs:
                    output.reconfigured()
                if self.device is not None:
                    self.device.settle()
                if self._noted().settings == before:
                    return
            raise InvalidConfiguration("the outputs do not agree on their settings")
        finally:
            self._settling = False

    def _noted(self) -> _Note:
        note = _Note(self.inputs, self.outputs, self.preset)
        for item in (*self.outputs, *(item.device for item in self.inputs)):
            note.settings[item] = item.noted()
        return note

    def _put_back(self, note: _Note) -> None:
        for item in self.inputs:
            if item not in note.inputs:
                item.device.detach(self._owner)
        for item in note.inputs:
            if item not in self.inputs:
                item.device.attach(self._owner)
        for output in self.outputs:
            if output not in note.outputs:
                output.detach()
        for output in note.outputs:
            if output not in self.outputs:
                output.attach(self._connection)
        self.inputs, self.outputs, self.preset = note.inputs, note.outputs, note.preset
        for changed, settings in note.settings.items():
            changed.restore(settings)


def _named(item: object) -> str:
    return f"the class {item.__name__}" if isinstance(item, type) else type(item).__name__


def _refuse(rule: str | None, device: str | None) -> None:
    if rule is not None:
        raise InvalidConfiguration(rule, device=device)
