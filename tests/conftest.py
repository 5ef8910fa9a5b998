"""What every test may ask for: the sample files, and the outside tools that judge what we write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import moderngl
import pytest
from hypothesis import settings

settings.register_profile("nearfar", deadline=None, derandomize=True)
settings.load_profile("nearfar")

STRICT = os.environ.get("NEARFAR_STRICT") == "1"
"""Set by CI: what is missing is a failure there, not a skip."""


INSTALL = {
    "exiftool": "apt-get install libimage-exiftool-perl",
    "heif-info": "apt-get install libheif-examples",
    "rerun": "pip install --no-deps rerun-sdk",
}
"""How to get the outside programs."""

OPTIONAL = {"rerun"}
"""What CI may do without: a large download, which a package index need not have."""


def missing(reason: str, *, optional: bool = False) -> None:
    """Skip for a visible reason, or fail where nothing may be missing."""
    if STRICT and not optional:
        pytest.fail(f"{reason} (NEARFAR_STRICT=1)")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of real photos, named by $NEARFAR_SAMPLES."""
    folder = os.environ.get("NEARFAR_SAMPLES")
    if not folder or not Path(folder).is_dir():
        missing("real photos are not here: set NEARFAR_SAMPLES to their folder")
    return Path(str(folder))


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """Give the path of an outside program, e.g. ``tool("exiftool")``."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            missing(f"{name} is not installed: {INSTALL[name]}", optional=name in OPTIONAL)
        return str(path)

    return find


@pytest.fixture
def gl_context() -> Iterator[moderngl.Context]:
    """OpenGL without a window, current in this thread; Mesa's software renderer will do."""
    try:
        context = moderngl.create_context(standalone=True, backend="egl")
    except Exception as wrong:
        missing(f"no OpenGL ({wrong}): apt-get install libegl1 libgl1-mesa-dri")
        raise
    yield context
    context.release()
