"""Takes: what a camera gave, recorded as MCAP with Foxglove's schemas, and played back as a camera.

Frame ── Recorder ──▶ TAKE.mcap ──┬─ Take      its frames, as they were
                          ▲       ├─ "take:TAKE.mcap"   a device
                       recover    └─ Foxglove, Rerun, any reader of MCAP
"""

from __future__ import annotations

from nearfar.capture.takes.playback import open_take

__all__ = ["open_take"]
