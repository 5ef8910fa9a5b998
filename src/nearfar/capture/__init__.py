"""Capture: a session that takes depth photos and streams from any camera, real, recorded or virtual.

    Device ── DeviceInput ──▶ CaptureSession ──┬─ PhotoOutput ──▶ Future[Photo]
     ▲                                         ├─ DepthOutput ─┐
    Source ("virtual:dual", "take:…", yours)   └─ VideoOutput ─┴─ Synchronizer ──▶ Frames

Mirrors AVFoundation's capture classes of the same names. Live Photos and RAW are not part of it. Names load
when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nearfar.lazy_door import lazy_door

if TYPE_CHECKING:
    from nearfar.capture.captured_photo import CapturedPhoto as CapturedPhoto
    from nearfar.capture.clock import Clock as Clock
    from nearfar.capture.clock import ManualClock as ManualClock
    from nearfar.capture.clock import SystemClock as SystemClock
    from nearfar.capture.clock_fit import ClockFit as ClockFit
    from nearfar.capture.counts import StreamCounts as StreamCounts
    from nearfar.capture.data_outputs import DepthOutput as DepthOutput
    from nearfar.capture.data_outputs import VideoOutput as VideoOutput
    from nearfar.capture.delivery import OutputCounts as OutputCounts
    from nearfar.capture.device import Device as Device
    from nearfar.capture.device import DeviceInput as DeviceInput
    from nearfar.capture.events import EventKind as EventKind
    from nearfar.capture.events import InterruptionReason as InterruptionReason
    from nearfar.capture.events import SessionEvent as SessionEvent
    from nearfar.capture.events import SessionState as SessionState
    from nearfar.capture.formats import DepthFormat as DepthFormat
    from nearfar.capture.formats import Format as Format
    from nearfar.capture.frame_iterators import FrameIterator as FrameIterator
    from nearfar.capture.kinds import DevicePosition as DevicePosition
    from nearfar.capture.kinds import DeviceType as DeviceType
    from nearfar.capture.kinds import Preset as Preset
    from nearfar.capture.names import DeviceName as DeviceName
    from nearfar.capture.names import open_source as open_source
    from nearfar.capture.output import Connection as Connection
    from nearfar.capture.output import Output as Output
    from nearfar.capture.photo_delegate import PhotoCaptureDelegate as PhotoCaptureDelegate
    from nearfar.capture.photo_output import PhotoOutput as PhotoOutput
    from nearfar.capture.photo_settings import PhotoSettings as PhotoSettings
    from nearfar.capture.photo_settings import ResolvedPhotoSettings as ResolvedPhotoSettings
    from nearfar.capture.session import CaptureSession as CaptureSession
    from nearfar.capture.shooting import shoot as shoot
    from nearfar.capture.source import BusySource as BusySource
    from nearfar.capture.source import DeviceInfo as DeviceInfo
    from nearfar.capture.source import PacedSource as PacedSource
    from nearfar.capture.source import PreparedSource as PreparedSource
    from nearfar.capture.source import Source as Source
    from nearfar.capture.source import Still as Still
    from nearfar.capture.source import StillSource as StillSource
    from nearfar.capture.sources.faulty import Faults as Faults
    from nearfar.capture.sources.faulty import FaultySource as FaultySource
    from nearfar.capture.sources.shared import SharedSource as SharedSource
    from nearfar.capture.synchronizer import Synchronizer as Synchronizer
    from nearfar.capture.takes.recorder import Recorder as Recorder
    from nearfar.capture.takes.recorder import RecorderCounts as RecorderCounts
    from nearfar.capture.takes.recording import RecordingOutput as RecordingOutput
    from nearfar.capture.takes.recording import record as record
    from nearfar.capture.takes.recovery import Recovered as Recovered
    from nearfar.capture.takes.recovery import recover as recover
    from nearfar.capture.takes.take import Take as Take

_HOMES = {
    "clock": "Clock ManualClock SystemClock",
    "clock_fit": "ClockFit",
    "counts": "StreamCounts",
    "data_outputs": "DepthOutput VideoOutput",
    "delivery": "OutputCounts",
    "device": "Device DeviceInput",
    "events": "EventKind InterruptionReason SessionEvent SessionState",
    "formats": "DepthFormat Format",
    "frame_iterators": "FrameIterator",
    "kinds": "DevicePosition DeviceType Preset",
    "names": "DeviceName open_source",
    "output": "Connection Output",
    "session": "CaptureSession",
    "captured_photo": "CapturedPhoto",
    "photo_delegate": "PhotoCaptureDelegate",
    "photo_output": "PhotoOutput",
    "photo_settings": "PhotoSettings ResolvedPhotoSettings",
    "shooting": "shoot",
    "source": "BusySource DeviceInfo PacedSource PreparedSource Source Still StillSource",
    "synchronizer": "Synchronizer",
    "sources.faulty": "Faults FaultySource",
    "sources.shared": "SharedSource",
    "takes.recorder": "Recorder RecorderCounts",
    "takes.recording": "RecordingOutput record",
    "takes.recovery": "Recovered recover",
    "takes.take": "Take",
}

__getattr__, __dir__, __all__ = lazy_door(__name__, _HOMES)
