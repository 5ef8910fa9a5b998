"""What WebXR refuses, and with which error: the table of the Depth Sensing specification, call by call.

Written by hand from the specification's text, so that it judges the Python model as it does the browser's.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

__all__ = ["MISUSES", "Misuse"]

INVALID, UNSUPPORTED = "InvalidStateError", "NotSupportedError"


@dataclass(frozen=True, slots=True)
class Misuse:
    """One call, and what comes of it.

    Attributes:
        call: ``session.``, ``frame.``, ``binding.`` or ``information.`` and the member's name in WebXR.
        error: the error's name; None where the call is in order.
        depth: what the session has: a usage, or "none".
        when: "active": in its frame; "over": after it; "ended": after the session; "paused": in a frame,
            after ``pauseDepthSensing``; "no data": in a frame, of a device that has no depth now.
        view: "own": of that frame; "earlier": of the one before; "none": no view at all.
        arguments: of the call, if not the view. "NaN", "Infinity" and "-Infinity" are those numbers.
        returns_null: the call gives null.
    """

    call: str
    error: str | None
    depth: str = "cpu-optimized"
    when: str = "active"
    view: str = "own"
    arguments: tuple[float | str, ...] = ()
    returns_null: bool = False

    def to_json(self) -> dict[str, Any]:
        """With WebXR's spelling."""
        fields = asdict(self)
        returns_null = fields.pop("returns_null")
        return {**fields, "arguments": list(self.arguments), "returnsNull": returns_null}


CPU, GPU = "cpu-optimized", "gpu-optimized"
SESSION_ATTRIBUTES = ("depthUsage", "depthDataFormat", "depthType", "depthActive")
SHARED_ATTRIBUTES = (
    "width",
    "height",
    "normDepthBufferFromNormView",
    "rawValueToMeters",
    "projectionMatrix",
    "transform",
)
PAUSING = ("pauseDepthSensing", "resumeDepthSensing")


def _of_sessions() -> list[Misuse]:
    found = [Misuse(f"session.{name}", INVALID, "none") for name in SESSION_ATTRIBUTES]
    found += [
        Misuse(f"session.{name}", None, usage, returns_null=name == "depthType")
        for name, usage in product(SESSION_ATTRIBUTES, (CPU, GPU))
    ]
    found += [Misuse("session.depthUsage", None, when=when) for when in ("over", "paused", "ended")]
    for name in PAUSING:
        found += [
            Misuse(f"session.{name}", UNSUPPORTED, "none"),
            Misuse(f"session.{name}", INVALID, "none", "over"),
            Misuse(f"session.{name}", INVALID, "none", "ended"),
            Misuse(f"session.{name}", INVALID, when="over"),
            Misuse(f"session.{name}", INVALID, when="ended"),
            Misuse(f"session.{name}", None),
            Misuse(f"session.{name}", None, when="paused"),
            Misuse(f"session.{name}", None, GPU),
        ]
    return found


def _of_questions() -> list[Misuse]:
    found = []
    for call, right, wrong in (
        ("frame.getDepthInformation", CPU, GPU),
        ("binding.getDepthInformation", GPU, CPU),
    ):
        found += [
            Misuse(call, None, right),
            Misuse(call, None, right, "paused", returns_null=True),
            Misuse(call, None, right, "no data", returns_null=True),
            Misuse(call, UNSUPPORTED, "none"),
            Misuse(call, UNSUPPORTED, "none", "over"),
            Misuse(call, INVALID, wrong),
            Misuse(call, INVALID, wrong, "paused"),
            Misuse(call, INVALID, right, "over"),
            Misuse(call, INVALID, right, "ended"),
            Misuse(call, INVALID, right, view="earlier"),
            Misuse(call, INVALID, right, "paused", "earlier"),
            Misuse(call, "TypeError", right, view="none"),
            Misuse(call, "TypeError", "none", view="none"),
        ]
    return found


def _of_information() -> list[Misuse]:
    own = {CPU: ("data",), GPU: ("texture", "textureType", "imageIndex")}
    found = []
    for usage in (CPU, GPU):
        for name in (*SHARED_ATTRIBUTES, *own[usage]):
            found.append(Misuse(f"information.{name}", None, usage, returns_null=name == "imageIndex"))
            found += [Misuse(f"information.{name}", INVALID, usage, when) for when in ("over", "ended")]
    return found


def _of_points() -> list[Misuse]:
    call = "information.getDepthInMeters"
    inside = ((0.0, 0.0), (1.0, 1.0), (0.5, 1.0), (-0.0, 0.0), (1.00000001, 0.5), (-1e-46, 0.5))
    outside = ((-0.001, 0.5), (0.5, -0.001), (1.001, 0.5), (0.5, 1.001), (2.0, 3.0), (0.5, 1.0000001))
    not_finite = (
        ("NaN", 0.5),
        (0.5, "NaN"),
        ("Infinity", 0.5),
        (0.5, "-Infinity"),
        (2.0, "NaN"),
        (1e39, 0.5),
    )
    found = [Misuse(call, None, arguments=point) for point in inside]
    found += [Misuse(call, "RangeError", arguments=point) for point in outside]
    found += [Misuse(call, "TypeError", arguments=point) for point in not_finite]
    found += [
        Misuse(call, INVALID, when=when, arguments=point) for when in ("over", "ended") for point in inside
    ]
    found += [Misuse(call, INVALID, when="over", arguments=point) for point in outside]
    found += [Misuse(call, "TypeError", when="over", arguments=point) for point in not_finite]
    found.append(Misuse(call, None, when="paused", arguments=(0.5, 0.5)))
    return found


MISUSES = (*_of_sessions(), *_of_questions(), *_of_information(), *_of_points())
"""All of them."""
