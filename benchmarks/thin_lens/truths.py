"""Sharp pictures, their depth, and what a lens makes of them: rendered once, then kept in build/thin_lens.

`hard()` are this project's scenes; `shared()` is the sample scene with its references, `large()` the same
scene at 12 megapixels, where its generator is beside the samples. `rendered` takes any scene file, those
written for that generator too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from benchmarks.thin_lens import renderer, scenery
from benchmarks.thin_lens.renderer import Camera, Studio

_KEPT = Path(__file__).parents[2] / "build" / "thin_lens"
_SCENES = Path(__file__).parent / "scenes"
_SMALL = (512, 384)
_LARGE = (4032, 3024)
_RAYS, _SHARP_RAYS = 400, 225
"""A pixel's rays: the pictures are then 50 dB and more from what infinitely many would give."""
_LARGE_RAYS, _LARGE_SHARP_RAYS = 196, 16


@dataclass(frozen=True)
class Truth:
    """A sharp picture in linear light, metres for each pixel, and the photograph that a lens takes."""

    name: str
    image: NDArray[np.float32]
    depth: NDArray[np.float32]
    photograph: NDArray[np.float32]
    focus_m: float
    strength: float

    @property
    def disparity(self) -> NDArray[np.float32]:
        """One per metre, for each pixel."""
        return (1 / self.depth).astype(np.float32)

    @property
    def focus(self) -> float:
        """The focus as disparity, one per metre."""
        return 1 / self.focus_m


@cache
def hard() -> list[Truth]:
    """Every setting of every file in scenes/."""
    files = sorted(path for path in _SCENES.glob("*.py") if path.stem != "__init__")
    return [
        rendered(file, "scene", name, Camera(_SMALL, *lens), _RAYS, _SHARP_RAYS)
        for file in files
        for name, lens in load(file).SETTINGS.items()
    ]


@cache
def shared() -> list[Truth]:
    """The sample scene at seven settings; none where the samples are not here."""
    folder = Path(os.environ.get("NEARFAR_SAMPLES", ""), "bokeh")
    if not (folder / "refs_512x384.npz").is_file():
        return []
    scene, references = np.load(folder / "scene_512x384.npz"), np.load(folder / "refs_512x384.npz")
    truths = []
    for name in references.files:
        f_number, _, focus = name.removeprefix("f").partition("_zf")
        camera = Camera(_SMALL, 52.0, float(f_number), float(focus or 1.5))
        label = f"f/{float(f_number):g} at {camera.focus_m:g} m"
        truths.append(
            Truth(label, scene["aif"], scene["depth"], references[name], camera.focus_m, camera.strength)
        )
    return truths


@cache
def large() -> Truth | None:
    """The sample scene at 12 megapixels and f/1.4, blurred by up to 63 px; None without its generator."""
    generator = Path(os.environ.get("NEARFAR_SAMPLES", ""), "..", "tools", "thin_lens_truth.py")
    if not generator.is_file():
        return None
    camera = Camera(_LARGE, 52.0, 1.4, 1.5)
    return rendered(generator, "portrait", "12 Mpx f/1.4", camera, _LARGE_RAYS, _LARGE_SHARP_RAYS)


def rendered(file: Path, function: str, name: str, camera: Camera, rays: int, sharp_rays: int) -> Truth:
    """The truth of a scene file under one camera, from build/thin_lens if it was rendered before."""
    sources = [file, Path(renderer.__file__), Path(scenery.__file__)]
    key = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    key.update(repr((function, camera, rays, sharp_rays)).encode())
    kept = _KEPT / f"{key.hexdigest()[:20]}.npz"
    if not kept.exists():
        studio = _studio(file, function)
        kept.parent.mkdir(parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}.npz")
        np.savez(
            fresh,
            image=studio.all_in_focus(camera, sharp_rays),
            depth=studio.depth(camera),
            photograph=studio.photograph(camera, rays),
        )
        fresh.replace(kept)
    with np.load(kept) as parts:
        return Truth(name, **parts, focus_m=camera.focus_m, strength=camera.strength)


@cache
def _studio(file: Path, function: str) -> Studio:
    scene: Callable[..., tuple[float, float, float, float]] = getattr(load(file), function)
    return Studio(scene)


@cache
def load(file: Path) -> ModuleType:
    """A scene file as a module; what it imports from the generator of the samples comes from `scenery`."""
    spec = importlib.util.spec_from_file_location(f"scene_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("thin_lens_truth", scenery)
    spec.loader.exec_module(module)
    return module
