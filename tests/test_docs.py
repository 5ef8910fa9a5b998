"""The manual holds what it promises: its code runs, its links lead somewhere, nothing public goes untold."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import nearfar as nf
import nearfar.capture
import nearfar.depth
import nearfar.effects
import nearfar.estimate
import nearfar.estimate.filters
import nearfar.testing
import nearfar.xr
from nearfar.photo.auxiliary import DepthRange
from nearfar.photo.heic import depth_sei

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
PHONE_PHOTO = Path("photos", "apple", "iphone13pro_dualwide.heic")
FENCE = re.compile(r"(?ms)^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<kind>\w*)\n(?P<code>.*?)^```$")
NEEDS_PHONE = "needs a phone's photo"
NEEDS_OPENGL = "needs OpenGL"
LINK = re.compile(r"(?<!`)!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced piece of python on a page."""

    page: Path
    line: int
    code: str
    needs: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, match.start("code")), match["code"], match["mark"])
        for match in FENCE.finditer(text)
        if match["kind"] == "python"
    ]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def runnable_pages() -> list[Path]:
    return [page for page in PAGES if blocks(page) and page.parent != DOCS / "api"]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to work in, with a depth photo that nearfar made under a phone's file name."""
    made_photo().save(tmp_path / "IMG_0042.HEIC")
    before = Path.cwd()
    os.chdir(tmp_path)
    yield tmp_path
    os.chdir(before)


def made_photo() -> nf.Photo:
    """A ball before a wall, as a phone would describe it."""
    y, x = np.mgrid[0:120, 0:160].astype(np.float32)
    ball = np.hypot(x - 70, y - 65) < 35
    disparity = np.where(ball, 2.5, 0.5 + y / 240).astype(np.float32)
    color = np.zeros((480, 640, 3), np.uint8)
    color[..., 0] = np.kron(ball, np.ones((4, 4))) * 200
    color[..., 1:] = 90
    depth = nf.DepthMap(
        disparity,
        nf.DepthKind.DISPARITY,
        filtered=True,
        calibration=nf.Calibration.from_field_of_view(1.2, (640, 480)),
    )
    matte = nf.Matte((np.kron(ball, np.ones((2, 2))) * 255).astype(np.uint8))
    return nf.Photo(color, depth, [matte], edits=nf.Edits(f_number=2.8))


@pytest.mark.parametrize("page", runnable_pages(), ids=name_of)
def test_the_code_on_a_page_runs(page: Path, folder: Path, request: pytest.FixtureRequest) -> None:
    find_opengl(page, request)
    run([block for block in blocks(page) if block.needs != NEEDS_PHONE])


@pytest.mark.samples
@pytest.mark.parametrize("page", runnable_pages(), ids=name_of)
def test_the_code_on_a_page_runs_on_a_phones_photo(
    page: Path, folder: Path, samples: Path, request: pytest.FixtureRequest
) -> None:
    find_opengl(page, request)
    (folder / "IMG_0042.HEIC").write_bytes((samples / PHONE_PHOTO).read_bytes())
    run(blocks(page))


def find_opengl(page: Path, request: pytest.FixtureRequest) -> None:
    """Skip a page whose code needs OpenGL where there is none."""
    if any(block.needs == NEEDS_OPENGL for block in blocks(page)):
        request.getfixturevalue("gl_context")


def run(code: list[Block]) -> None:
    """Run the blocks of one page one after the other, as a reader would type them."""
    names: dict[str, object] = {"__name__": "__main__"}
    for block in code:
        # Blank lines in front give tracebacks the page's own line numbers.
        source = "\n" * block.line + block.code
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, str(block.page), "exec"), names)


def test_the_source_of_the_tutorial_has_a_name_and_keeps_the_law(folder: Path) -> None:
    """Its files as a reader would have them: the module, its entry point as installed, its tests."""
    page = DOCS / "guide" / "write-a-source.md"
    text = page.read_text(encoding="utf-8")
    files = {mark.removeprefix("file "): code for mark, code in marked(text) if mark.startswith("file ")}
    assert files.keys() == {"rgbd_folder.py", "test_rgbd_folder.py"}
    for name, code in files.items():
        Path(name).write_text(code, encoding="utf-8")
    assert len(files["rgbd_folder.py"].splitlines()) < 50
    group = re.search(r'(?m)^\[project.entry-points."(.+)"\]\n(\w+) = "(.+)"$', text)
    assert group is not None
    Path("rgbd_folder-1.dist-info").mkdir()
    Path("rgbd_folder-1.dist-info", "METADATA").write_text(
        "Metadata-Version: 2.1\nName: rgbd_folder\nVersion: 1\n"
    )
    Path("rgbd_folder-1.dist-info", "entry_points.txt").write_text(f"[{group[1]}]\n{group[2]} = {group[3]}\n")
    run([blocks(page)[0]])  # which makes the pictures
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_rgbd_folder.py"]
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\d\d passed", done.stdout)


def marked(text: str) -> Iterator[tuple[str, str]]:
    """The blocks of a page that have a mark, and their code."""
    return ((match["mark"], match["code"]) for match in FENCE.finditer(text) if match["mark"])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in (match["target"] for match in LINK.finditer(text)):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.is_file(), f"{name_of(page)} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(there), f"{name_of(page)} links to {target}: no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts and the site make them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    words = [re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", heading) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", word.lower()).strip().replace(" ", "-") for word in words}


def test_the_readme_names_the_two_commands_and_the_block_for_measurements() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make run", "make run PHOTO=", "make test"):
        assert command in text
    assert text.count("<!-- benchmarks -->") == text.count("<!-- /benchmarks -->") == 1


def test_the_readme_quotes_what_was_measured() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = text.partition("<!-- benchmarks -->")[2].partition("<!-- /benchmarks -->")[0]
    quoted = re.findall(r"^\| \*\*\w[\w ]*\*\* (.+)$", block, re.MULTILINE)
    assert len(quoted) > 20
    measured = (DOCS / "measured.md").read_text(encoding="utf-8").splitlines()
    assert [row for row in quoted if f"| {row}" not in measured] == []


def test_pictures_are_small() -> None:
    pictures = [path for path in (DOCS / "images").iterdir() if path.suffix in (".png", ".svg", ".jpg")]
    assert pictures
    assert all(path.stat().st_size < 300_000 for path in pictures)


def test_every_page_is_on_the_site() -> None:
    navigation = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    for page in DOCS.rglob("*.md"):
        assert f'"{page.relative_to(DOCS).as_posix()}"' in navigation


PACKAGES = (
    nf,
    nearfar.capture,
    nearfar.depth,
    nearfar.effects,
    nearfar.estimate,
    nearfar.estimate.filters,
    nearfar.testing,
    nearfar.xr,
)
PUBLIC = sorted({name for package in PACKAGES for name in package.__all__} - {"__version__"})


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_has_a_docstring_and_an_entry(name: str) -> None:
    home = next(package for package in PACKAGES if name in package.__all__)
    value = getattr(home, name)
    assert value.__doc__
    if isinstance(value, ModuleType):
        return
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (DOCS / "api").glob("*.md"))
    assert re.search(
        rf"^## (capture\.|depth\.|effects\.|estimate\.|estimate\.filters\.|testing\.|xr\.)?{name}$",
        pages,
        re.MULTILINE,
    )


def test_the_reference_is_what_the_docstrings_say() -> None:
    for name, text in api_pages().pages().items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, "run: python docs/build.py --pages"


def api_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nearfar_api_pages", DOCS / "api_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_hexdump_of_the_formats_page_is_what_we_write() -> None:
    """Compare the dump with the depth range message that the HEIC writer makes for the same range."""
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    rows = re.findall(r"^[0-9a-f]{4}  ((?:[0-9a-f]{2} )+)", text, re.MULTILINE)
    box = bytes.fromhex("".join(rows))
    assert int.from_bytes(box[:4]) == len(box)
    assert box[4:8] == b"auxC"
    name, _, subtype = box[12:].partition(b"\0")
    assert name == b"urn:mpeg:hevc:2015:auxid:2"
    assert subtype == depth_sei.build_depth_subtype(DepthRange(0.3125, 3.75))
