"""What takes long is done when a device becomes an input, and not again."""

from __future__ import annotations

from nearfar.capture import Device, DeviceInfo, DeviceInput, Format, PacedSource, PreparedSource
from nearfar.depth import Frame


class Slow(PacedSource):
    """Counts how often it is made ready."""

    prepared = 0

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo("slow:0", "Slow")

    @property
    def formats(self) -> tuple[Format, ...]:
        return (Format(64, 48),)

    def frame(self, format: Format, sequence: int, time: float) -> Frame | None:
        return None

    def prepare(self) -> None:
        self.prepared += 1


def test_an_input_is_prepared_once_it_is_made() -> None:
    source = Slow()
    assert isinstance(source, PreparedSource)
    device = Device(source)
    assert device.title == "Slow"
    assert device.formats == source.formats
    assert source.prepared == 0
    DeviceInput(device)
    assert source.prepared == 1
