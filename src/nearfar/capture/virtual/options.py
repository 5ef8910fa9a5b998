"""What can be asked of a virtual camera by its name: ``virtual:dual?scene=desk&path=orbit&seed=3``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nearfar.capture.virtual.paths import PATHS
from nearfar.errors import DeviceNotFound, InvalidConfiguration
from nearfar.scene import BUILT_IN

__all__ = ["Options", "read_options"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a virtual camera is to be.

    Attributes:
        scene: a built-in scene's name, or the path of a glTF file.
        path: how the camera moves, one of `nearfar.capture.virtual.paths.PATHS`.
        seed: of the scene's layout, of the hand's sway and of all noise.
        size: (width, height) px of the streamed picture; None for the camera's own.
        fps: the most frames a second.
        noise: how much noise its sensors have: 1 is a phone's, 0 none.
        distortion: how much its lenses bend: 0 not at all, as in a picture that the phone has straightened;
            1 as a phone's wide lens does.
    """

    scene: str
    path: str = "sway"
    seed: int = 0
    size: tuple[int, int] | None = None
    fps: float = 30.0
    noise: float = 1.0
    distortion: float = 0.0


def read_options(device: str, options: Mapping[str, str], *, scene: str) -> Options:
    """The options of a device's name; ``scene`` is the one to show when none is asked for.

    Raises:
        InvalidConfiguration: an option that there is not, or a value that it cannot have.
        DeviceNotFound: a scene that there is not.
    """
    values: dict[str, Any] = {"scene": scene}
    for key, text in options.items():
        reader = _READERS.get(key)
        if reader is None:
            known = ", ".join(_READERS)
            raise InvalidConfiguration(f"it has no option {key!r}: there are {known}", device=device)
        try:
            values[key] = reader(text)
        except ValueError as error:
            raise InvalidConfiguration(f"option {key}={text!r}: {error}", device=device) from None
    chosen = Options(**values)
    if chosen.scene not in BUILT_IN and not Path(chosen.scene).is_file():
        built_in = ", ".join(BUILT_IN)
        raise DeviceNotFound(
            f"option scene={chosen.scene!r}: it is {built_in} or a glTF file that there is", device=device
        )
    return chosen


def _scene(text: str) -> str:
    if text not in BUILT_IN and Path(text).suffix.lower() not in (".glb", ".gltf"):
        raise ValueError(f"it is {', '.join(BUILT_IN)} or the path of a .glb or .gltf file")
    return text


def _path(text: str) -> str:
    if text not in PATHS:
        raise ValueError(f"it is {', '.join(PATHS)}")
    return text


def _seed(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ValueError("it is a whole number, 0..999999999")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch("([0-9]{1,4})[x×]([0-9]{1,4})", text)
    width, height = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (64 <= width <= 4096 and 48 <= height <= 4096 and 0.25 <= width / height <= 4.0):
        raise ValueError("it is WIDTHxHEIGHT, 64x48 to 4096x4096 px, no side four times the other")
    return width, height


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise ValueError(f"it is a number, {least:g}..{most:g}")
        return value

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "scene": _scene,
    "path": _path,
    "seed": _seed,
    "size": _size,
    "fps": _number(1.0, 240.0),
    "noise": _number(0.0, 10.0),
    "distortion": _number(0.0, 1.0),
}
