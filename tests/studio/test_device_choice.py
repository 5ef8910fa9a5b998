"""With what effort a device's depth is made, and how its name says so."""

from __future__ import annotations

import pytest

from nearfar.capture import DeviceName
from nearfar.studio.device_choice import effort_of, with_effort


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("virtual:dual", "fast"),
        ("virtual:dualwide?scene=room&effort=best", "best"),
        ("stereo:a.png,b.png", "standard"),
        ("stereo:a.png,b.png?effort=fast", "fast"),
        ("virtual:lidar", None),
        ("take:a.mcap", None),
        ("no name at all", None),
        ("faulty:virtual%3Adual?drop=0.1", "fast"),
        ("faulty:virtual%3Alidar", None),
    ],
)
def test_the_effort_of_a_device(name: str, effort: str | None) -> None:
    assert effort_of(name) == effort
    assert with_effort(name, None) == name
    if effort is None:
        assert with_effort(name, "best") == name
        return
    other = with_effort(name, "best")
    assert effort_of(other) == "best"
    assert with_effort(other, "best") == other


def test_the_other_options_stay() -> None:
    name = "faulty:virtual%3Adual%3Fscene%3Droom?drop=0.1"
    other = DeviceName.parse(with_effort(name, "standard"))
    assert other.options == {"drop": "0.1"}
    inner = DeviceName.parse(other.rest)
    assert inner.options == {"scene": "room", "effort": "standard"}
