"""Bent photos that are dropped in: each is shown or refused in words, and the server goes on."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest

from fuzz.mutations import mutate
from studio.photo_pages import PHOTOS, Page, made_photo

SHOWN, REFUSED = {200, 201, 304}, {404, 409, 413, 415, 422}
PARTS = ("thumbnail.jpg", "picture.jpg?side=64", "mattes/portrait.png", "depth", "", "download/heic")


@pytest.mark.filterwarnings("ignore")  # of what was lost in a photo that is broken
@pytest.mark.parametrize("container", ["heic", "jpeg"])
@pytest.mark.parametrize("seed", range(3))
def test_bent_photos_are_shown_or_refused(tmp_path: Path, container: str, seed: int) -> None:
    page = Page(tmp_path / "studio")
    rng = random.Random(f"{container} {seed}")
    seeds = [made_photo().file_data(container), made_photo().with_edits(f_number=2).file_data(container)]

    async def drop(client: httpx.AsyncClient) -> None:
        for _ in range(60):
            data = mutate(seeds, rng)
            entry = await client.post(PHOTOS, params={"name": f"x.{container}"}, content=data)
            assert entry.status_code in SHOWN | REFUSED
            if entry.status_code in REFUSED:
                assert entry.json()["reason"].startswith("x.")
                continue
            name = entry.json()["id"]
            parts = PARTS if name.endswith(("heic", "HEIC")) else PARTS[:-1]
            answers = [await client.get(f"{PHOTOS}/{name}/{part}".rstrip("/")) for part in parts]
            answers.append(await client.post(f"{PHOTOS}/{name}/edits", json={"fNumber": 4}))
            for answer in answers:
                assert answer.status_code in SHOWN | REFUSED, answer.text
                assert answer.status_code in SHOWN or answer.json()["reason"]
            await client.delete(f"{PHOTOS}/{name}")

    page.together(drop)
    assert page.ask("GET").json()["photos"] == []
    assert page.files() == []
