"""What can be asked of a virtual camera by its name: ``virtual:dual?scene=desk&path=orbit&seed=3``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from nearfar.capture import options as readers
from nearfar.capture.virtual.paths import PATHS
from nearfar.errors import DeviceNotFound
from nearfar.scene import BUILT_IN

__all__ = ["Effort", "Options", "read_options"]

Effort = Literal["fast", "standard", "best"]


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
        effort: how much time the stereo matching of a streamed frame may take; photos get the best.
    """

    scene: str
    path: str = "sway"
    seed: int = 0
    size: tuple[int, int] | None = None
    fps: float = 30.0
    noise: float = 1.0
    distortion: float = 0.0
    effort: Effort = "fast"


def read_options(device: str, options: Mapping[str, str], *, scene: str, matches: bool = False) -> Options:
    """The options of a device's name; ``scene`` is the one to show when none is asked for, and ``matches``
    says whether the camera's depth is matched, so that it has an effort.

    Raises:
        InvalidConfiguration: an option that there is not, or a value that it cannot have.
        DeviceNotFound: a scene that there is not.
    """
    known = {**_READERS, "effort": readers.one_of(*get_args(Effort))} if matches else _READERS
    chosen = Options(**{"scene": scene, **readers.read_options(device, options, known)})
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


def _size(text: str) -> tuple[int, int]:
    width, height = readers.size((64, 48))(text)
    if not 0.25 <= width / height <= 4.0:
        raise ValueError("no side is more than four times the other")
    return width, height


_READERS: dict[str, readers.Reader] = {
    "scene": _scene,
    "path": readers.one_of(*PATHS),
    "seed": readers.whole(0, 999_999_999),
    "size": _size,
    "fps": readers.number(1.0, 240.0),
    "noise": readers.number(0.0, 10.0),
    "distortion": readers.number(0.0, 1.0),
}
