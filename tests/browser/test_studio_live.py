"""The studio's live view: what a camera sees, in pictures that move and with distances that are true."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from browser.ramp_camera import HEIGHT, WIDTH, ramp
from browser.serving import installed_ramp
from browser.studio_page import Studio, running_studio

pytestmark = pytest.mark.browser

Bundled = Callable[[str], Path]

BUSY = 30_000
"""Milliseconds that a machine on which much runs may take for what takes a second."""

DIGEST = """canvas => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return data.reduce((sum, value, place) => (sum * 31 + value * (place % 7)) % 1000003, 7);
}"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio as it starts by itself: on the camera that is always there."""
    with running_studio(tmp_path_factory.mktemp("desk")) as studio:
        yield studio


@pytest.fixture(scope="module")
def ramped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio on the camera whose every distance is known."""
    environment = installed_ramp(tmp_path_factory.mktemp("ramp"))
    folder = tmp_path_factory.mktemp("ramped")
    with running_studio(folder, "--device", "ramp:", environment=environment) as studio:
        yield studio


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture(autouse=True)
def silence(request: pytest.FixtureRequest) -> Iterator[None]:
    """No page prints a warning or an error."""
    yield
    for name in ("desk", "ramped"):
        if name in request.fixturenames:
            assert request.getfixturevalue(name).noise == []


def canvas_of(page: Page, kind: str) -> Locator:
    """The picture of a pane, once there is one."""
    expect(page.locator(f".pane.{kind}:not(.empty)")).to_be_visible(timeout=BUSY)
    return page.locator(f".pane.{kind} .target canvas")


def reading(page: Page, kind: str) -> Locator:
    return page.locator(f".pane.{kind} .reading")


def point_at(page: Page, kind: str, column: int, row: int) -> None:
    """The mouse on a pixel of the ramp."""
    box = canvas_of(page, kind).bounding_box()
    assert box is not None
    page.mouse.move(
        box["x"] + (column + 0.5) / WIDTH * box["width"], box["y"] + (row + 0.5) / HEIGHT * box["height"]
    )


def metres_in(text: str) -> float:
    found = re.match(r"([\d.]+) m", text)
    assert found, text
    return float(found[1])


def test_the_pictures_move(desk: Studio, context: BrowserContext) -> None:
    page = desk.open(context)
    for kind in ("colour", "depth"):
        canvas = canvas_of(page, kind)
        seen = {canvas.evaluate(DIGEST)}
        for _ in range(200):
            seen.add(canvas.evaluate(DIGEST))
            if len(seen) > 2:
                break
        assert len(seen) > 2, f"{kind} stands still"


def test_the_pointer_reads_true_metres_and_marks_the_same_place_in_both(
    ramped: Studio, context: BrowserContext
) -> None:
    page = ramped.open(context)
    canvas_of(page, "colour")
    expect(page.locator(".pace")).not_to_be_empty()  # what moves the pictures is there
    truth = ramp()
    for kind, other in (("depth", "colour"), ("colour", "depth")):
        for column, row in ((3, 2), (40, 20), (60, 44)):
            point_at(page, kind, column, row)
            expect(reading(page, kind)).to_have_text(re.compile(r"^[\d.]+ m$"))
            assert metres_in(reading(page, kind).inner_text()) == pytest.approx(truth[row, column], rel=0.01)
            expect(reading(page, other)).to_have_text(reading(page, kind).inner_text())
            place = page.locator(f".pane.{other} .cross").evaluate(
                "ring => [parseFloat(ring.style.left) / 100, parseFloat(ring.style.top) / 100]"
            )
            assert place == pytest.approx([(column + 0.5) / WIDTH, (row + 0.5) / HEIGHT], abs=0.01)
    point_at(page, "depth", 10, HEIGHT - 1)
    expect(reading(page, "depth")).to_have_text("no depth here")
    page.mouse.move(2, 2)
    expect(reading(page, "depth")).to_be_empty()
    expect(page.locator(".pane.colour .cross")).to_be_hidden()


def test_arrow_keys_read_distances_and_they_are_spoken(ramped: Studio, context: BrowserContext) -> None:
    page = ramped.open(context)
    canvas_of(page, "depth")
    target = page.locator(".pane.depth .target")
    target.focus()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowLeft")
    row, column = int(0.4 * HEIGHT), int(0.48 * WIDTH)
    assert metres_in(reading(page, "depth").inner_text()) == pytest.approx(ramp()[row, column], rel=0.01)
    expect(page.locator(".pane.depth [role=status]")).to_have_text(reading(page, "depth").inner_text())


def test_metres_of_relative_depth_are_nominal(desk: Studio, context: BrowserContext) -> None:
    page = desk.open(context)
    canvas_of(page, "depth").hover()
    expect(reading(page, "depth")).to_have_text(re.compile(r"^[\d.]+ m \(nominal\)$"))
    expect(page.locator(".pane.depth .scale .unit")).to_have_text("m (nominal)")


def test_the_other_filter_gives_another_depth(desk: Studio, context: BrowserContext) -> None:
    page = desk.open(context)
    asked: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: asked.append(bytes(frame))))
    page.reload()
    canvas_of(page, "depth")
    page.get_by_role("button", name="As measured").click()
    expect(page.get_by_role("button", name="As measured")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("group", name="Filter")).to_contain_text("holes")
    # Holes are striped black and white, which no colour of the palette is.
    page.wait_for_function(
        """() => {
          const canvas = document.querySelector('.pane.depth .target canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return new Uint32Array(data.buffer).filter((pixel) => pixel === 0xff000000).length > 20;
        }"""
    )
    assert any(b'"depthType":"raw"' in message for message in asked)


def test_what_is_shown_is_chosen_and_remembered(desk: Studio, context: BrowserContext) -> None:
    page = desk.open(context)
    canvas_of(page, "colour")
    show = page.get_by_role("group", name="Show")
    show.get_by_role("button", name="Confidence").click()
    canvas = canvas_of(page, "confidence")
    canvas.hover()
    expect(reading(page, "confidence")).to_have_text(re.compile(r"^\d+ % sure$"))
    show.get_by_role("button", name="Colour").click()
    show.get_by_role("button", name="Depth").click()
    show.get_by_role("button", name="Confidence").click()  # the last one stays
    expect(page.locator(".live .pane")).to_have_count(1)
    page.reload()
    canvas_of(page, "confidence")
    expect(page.locator(".live .pane")).to_have_count(1)


def test_nothing_runs_where_nobody_looks(ramped: Studio, context: BrowserContext) -> None:
    page = ramped.open(context, "#photos")
    with page.expect_websocket() as opened:
        page.get_by_role("link", name="Live", exact=True).click()
    canvas_of(page, "depth")
    with opened.value.expect_event("close"):
        page.get_by_role("link", name="Takes", exact=True).click()
    with page.expect_websocket() as again:
        page.get_by_role("link", name="Live", exact=True).click()
    assert not again.value.is_closed()
    with again.value.expect_event("close"):
        page.evaluate(
            """() => {
              Object.defineProperty(document, 'hidden', { value: true, configurable: true });
              document.dispatchEvent(new Event('visibilitychange'));
            }"""
        )


def test_rate_and_drops_are_in_words(ramped: Studio, context: BrowserContext) -> None:
    page = ramped.open(context)
    expect(page.locator(".pace")).to_have_text(re.compile(r"^\d+ frames? a second.*; .+"), timeout=BUSY)


def test_pace_says_which_frames_are_missing(page: Page, bundled: Bundled) -> None:
    page.add_script_tag(path=bundled("studio/live/pace"))
    assert page.evaluate(
        """() => {
          const pace = new room.Pace();
          pace.begin(0);
          const said = [];
          const run = (from, until, step, begun = 0) => {
            for (let i = from; i < until; i += step) {
              pace.came(i, begun + i / 30);
              pace.settled(true, begun + i / 30);
            }
          };
          run(0, 150, 1);
          said.push(pace.words(5));
          run(150, 300, 2);
          said.push(pace.words(10));
          pace.begin(30);
          run(0, 60, 1, 30);
          pace.lost([{ reason: 'the cable is loose', count: 7 }], 31);
          said.push(pace.words(31.99));
          pace.lost([{ reason: 'the cable is loose', count: 9 }], 32);
          pace.came(63, 32);
          pace.settled(false, 32);
          said.push(pace.words(32), pace.drops(32).map(({ count, reason }) => `${count}: ${reason}`));
          return said;
        }"""
    ) == [
        "30 frames a second; none dropped",
        "15 frames a second; 74 dropped: the studio was busy, or the network slow",
        "30 frames a second; none dropped",
        "30 frames a second; 4 dropped: the cable is loose",
        ["2: the cable is loose", "1: the studio was busy, or the network slow", "1: your browser was busy"],
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it_in_one_column(ramped: Studio, browser: Browser, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = ramped.open(context)
    colour, depth = (canvas_of(page, kind).bounding_box() for kind in ("colour", "depth"))
    assert colour is not None
    assert depth is not None
    assert depth["y"] > colour["y"] + colour["height"], "one below the other"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for name in ("Take a photo", "Record"):  # in sight whatever is below them
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    camera, last = (
        page.get_by_role("region", name=name).bounding_box() for name in ("Camera", "Last photos")
    )
    assert camera is not None
    assert last is not None
    assert camera["y"] < last["y"], "what is set stands next to the pictures"
    page.locator(".pane.colour .target").tap()
    expect(reading(page, "depth")).to_have_text(re.compile("^[\\d.]+ m$"))
    context.close()


def test_the_narrowest_phone_shows_every_choice(ramped: Studio, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True)
    page = ramped.open(context)
    canvas_of(page, "colour")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for choice in page.locator(".live .choices:visible").all():
        assert choice.evaluate("choice => choice.scrollWidth <= choice.clientWidth")
        box = choice.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 320
    context.close()
