"""Of a photo that is deleted nothing stays in memory, and what is kept makes room for what is asked for."""

from __future__ import annotations

import asyncio
import io
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest
from PIL import Image

from nearfar.errors import LimitExceeded
from nearfar.studio.darkroom import Darkroom
from nearfar.studio.photo_files import PhotoFile
from nearfar.studio.portrait_looks import PortraitLook
from studio.photo_pages import DARKROOM, PHOTOS, Page, made_photo

COUNT = "sum(type(each).__name__ == 'PreparedPortrait' for each in __import__('gc').get_objects())"


@pytest.mark.parametrize(("part", "left"), [("/a.heic", 2), ("", 0)])
def test_portraits_go_with_their_photos(tmp_path: Path, part: str, left: int) -> None:
    page = Page(tmp_path)
    for name, metric in (("a.heic", True), ("b.heic", False)):
        page.drop(name, made_photo(metric=metric).file_data("heic"))

    async def talk(client: httpx.AsyncClient) -> tuple[int, int]:
        for name in ("a.heic", "b.heic"):
            file = PhotoFile.at(page.library.photos.path(name))
            await DARKROOM.portrait(file, PortraitLook(side=64))
        await DARKROOM.portrait(file, PortraitLook())
        before = await DARKROOM.look(partial(eval, COUNT))
        await client.delete(f"{PHOTOS}{part}")
        return before, await DARKROOM.look(partial(eval, COUNT))

    DARKROOM.forget()
    assert page.together(talk) == (3, left)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count what a process holds")
def test_what_is_kept_makes_room(tmp_path: Path) -> None:
    made_photo().save(tmp_path / "a.heic")
    darkroom = Darkroom(768 << 20)

    async def talk() -> None:
        await darkroom.portrait(PhotoFile.at(tmp_path / "a.heic"), PortraitLook(side=64))
        with pytest.raises(LimitExceeded):
            await darkroom.look(partial(eval, "[bytes(64 << 20) for _ in range(16)]"))
        assert await darkroom.look(partial(eval, COUNT)) == 0
        held = await darkroom.look(partial(Path.read_text, Path("/proc/self/statm")))
        assert int(held.split()[1]) * 4096 < 256 << 20

    asyncio.run(talk())
    darkroom.close()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count what a process holds")
@pytest.mark.parametrize(("kept", "status"), [("held.append(held)", 201), ("sys.held = held", 413)])
def test_what_is_kept_makes_room_for_a_photo_that_comes(tmp_path: Path, kept: str, status: int) -> None:
    """What can be let go is; else the photo is refused for that reason, and not as none."""
    out, darkroom = io.BytesIO(), Darkroom(256 << 20)
    Image.new("RGB", (8000, 6000)).save(out, "JPEG")
    fill = f"import gc, sys; gc.disable(); held = [bytes(216 << 20)]; {kept}"
    asyncio.run(darkroom.look(partial(exec, fill, {})))
    said = Page(tmp_path, darkroom).drop("a.jpg", out.getvalue())
    darkroom.close()
    assert said.status_code == status
    assert status == 201 or said.json()["reason"].startswith("a.jpg: it takes more memory than the studio")
