"""Make the picture of docs/guide/webxr-python.md: a virtual dual camera as a phone that is held upright.

``python docs/xr_pictures.py`` writes docs/images/webxr-python.jpg, as examples/webxr_depth.py draws it. Where
there is no OpenGL the picture stays as it is.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import moderngl

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "webxr-python.jpg"


def main() -> None:
    try:
        moderngl.create_context(standalone=True, backend="egl").release()
    except Exception as wrong:  # noqa: BLE001 - moderngl raises plain ones
        print(f"{PICTURE.name}: kept, no OpenGL ({wrong}); apt-get install libegl1 libgl1-mesa-dri")
        return
    example = ROOT / "examples" / "webxr_depth.py"
    subprocess.run(
        [sys.executable, example, PICTURE, "virtual:dual?size=480x640&path=still", "arcore"], check=True
    )
    print(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
