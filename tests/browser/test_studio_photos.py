"""The studio's photos as people use them: dropped in, made portraits of, edited, taken away, deleted."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Route, expect

import nearfar as nf
from browser.studio_page import Studio, running_studio

pytestmark = pytest.mark.browser

PHOTO = "iphone13pro_dualwide.heic"
MATTED = "iphonex_depth_matte.jpg"
FLAT = "samsung_gainmap.heic"
SLOW = 30_000
"""Milliseconds that a full picture may take on a machine that is busy."""

Start = Callable[..., Studio]


@pytest.fixture
def pictures(samples: Path) -> Path:
    return samples / "photos"


@pytest.fixture
def start(tmp_path: Path, pictures: Path) -> Iterator[Start]:
    """Starts a studio that has some photos already."""
    running = []

    def start(*names: str) -> Studio:
        shelf = tmp_path / "studio/photos"
        shelf.mkdir(parents=True)
        for name in names:
            shutil.copy(next(pictures.glob(f"*/{name}")), shelf / name)
        running.append(running_studio(tmp_path / "studio"))
        return running[-1].__enter__()

    yield start
    for studio in running:
        studio.__exit__(None, None, None)


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context
    context.close()


def test_a_dropped_photo_is_edited_and_taken_away(
    start: Start, desk: BrowserContext, pictures: Path, tmp_path: Path
) -> None:
    studio = start()
    page = studio.open(desk, "#photos")
    drop(page, pictures / "apple" / PHOTO)
    expect(page.get_by_role("heading", name=PHOTO)).to_be_visible(timeout=SLOW)
    portrait = page.locator(".frame[data-quality]")
    expect(portrait).to_be_visible(timeout=SLOW)
    slider = page.get_by_role("slider", name="Aperture")
    expect(slider).to_have_attribute("aria-valuetext", "f/2.8")

    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2, steps=6)
    expect(slider).to_have_attribute("aria-valuetext", "f/1.4")
    page.mouse.up()
    expect(full(page)).to_be_visible(timeout=SLOW)
    slider.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", "f/2")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "f/2.2")

    target = page.get_by_role("application", name="Focus")
    area = target.bounding_box()
    assert area
    target.click(position={"x": area["width"] * 0.9, "y": area["height"] * 0.9})
    expect(page.get_by_text("Sharp at 0.2")).to_be_visible()
    expect(full(page)).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Save the edit").click()
    expect(page.get_by_text("The photo has the edit f/2.2.")).to_be_visible()

    taken = tmp_path / "taken.heic"
    with page.expect_download() as download:
        page.locator("a.download", has_text="HEIC").click()
    assert download.value.suggested_filename == PHOTO
    download.value.save_as(taken)
    ours, original = nf.open(taken), nf.open(pictures / "apple" / PHOTO)
    assert ours.edits.f_number == pytest.approx(2.2)
    assert ours.edits.focus is not None
    assert ours.edits.focus[:2] == pytest.approx((0.9, 0.9), abs=0.01)
    assert np.array_equal(ours.require_depth().values, original.require_depth().values, equal_nan=True)

    page.get_by_role("button", name="Take the edit out").click()
    expect(page.get_by_text("The photo has no edit.")).to_be_visible()
    assert studio.noise == []


def test_the_preview_follows_the_slider_and_ends_with_what_is_chosen_last(
    start: Start, desk: BrowserContext
) -> None:
    studio = start(PHOTO)
    page = studio.open(desk, f"#photos/{PHOTO}")
    expect(page.locator(".frame[data-quality]")).to_be_visible(timeout=SLOW)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "portrait.jpg" in request.url else None)
    slider = page.get_by_role("slider", name="Aperture")
    fact = page.locator(".facts dd").first.element_handle()
    for _ in range(10):
        slider.press("ArrowRight")
    assert fact.evaluate("fact => fact.isConnected"), "what may be selected stays so"
    expect(full(page)).to_be_visible(timeout=SLOW)
    assert "f=9&" in asked[-1]
    assert "side" not in asked[-1]
    assert "f=9&" in asked[-2]
    assert "side" in asked[-2]
    assert studio.noise == []


def test_before_and_after_are_parted_where_the_divider_is_dragged(start: Start, desk: BrowserContext) -> None:
    studio = start(PHOTO)
    page = studio.open(desk, f"#photos/{PHOTO}")
    expect(page.locator(".frame[data-quality]")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Before and after").click()
    divider = page.get_by_role("slider", name="Before and after")
    frame, handle = page.locator(".frame").bounding_box(), divider.bounding_box()
    assert frame
    assert handle
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    for share, said in ((0.25, "25 %"), (0.8, "80 %"), (-0.5, "0 %"), (1.5, "100 %"), (0.6, "60 %")):
        page.mouse.move(frame["x"] + share * frame["width"], frame["y"] + 40, steps=3)
        expect(divider).to_have_attribute("aria-valuetext", f"{said} before")
    page.mouse.up()
    page.mouse.move(frame["x"] + 20, frame["y"] + 20)  # it was let go
    expect(divider).to_have_attribute("aria-valuetext", "60 % before")
    cut = page.locator(".frame img").last.evaluate("picture => picture.style.clipPath")
    assert cut == "inset(0px 0px 0px 60%)"
    assert studio.noise == []


def test_nothing_is_rendered_while_nobody_looks(start: Start, desk: BrowserContext) -> None:
    studio = start(PHOTO)
    page = studio.open(desk, f"#photos/{PHOTO}")
    expect(page.locator(".frame[data-quality=preview]")).to_be_visible(timeout=SLOW)
    hide = """(hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }"""
    with page.expect_request(lambda request: "portrait.jpg" in request.url and "side" not in request.url):
        page.get_by_role("slider", name="Aperture").press("Home")
    with page.expect_event("requestfailed"):
        page.evaluate(hide, True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("new Promise((done) => setTimeout(done, 1500))")  # longer than what is put off
    assert asked == []
    page.evaluate(hide, False)
    expect(full(page)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("slider", name="Aperture")).to_have_attribute("aria-valuetext", "f/1.4")
    assert studio.noise == []


def test_what_is_no_photo_is_refused_in_words(start: Start, desk: BrowserContext, tmp_path: Path) -> None:
    studio = start()
    page = studio.open(desk, "#photos")
    notes = tmp_path / "notes.heic"
    notes.write_text("milk, eggs")
    drop(page, notes)
    refused = page.get_by_role("alert").filter(has_text="These could not be added")
    expect(refused).to_contain_text("notes.heic")
    expect(refused).to_contain_text("Drop in a HEIC or JPEG photo")
    expect(page.get_by_role("button", name="Choose photos")).to_be_visible()
    assert studio.noise == []


def test_a_photo_is_dropped_under_any_tab(start: Start, desk: BrowserContext, pictures: Path) -> None:
    studio = start()
    page = studio.open(desk, "#live")
    expect(page.get_by_role("button", name="Take a photo")).to_be_visible()
    drop(page, pictures / "no-depth" / FLAT)
    expect(page.get_by_role("heading", name=FLAT)).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Takes", exact=True).click()
    expect(page.get_by_role("region", name="Takes", exact=True)).to_be_visible()
    drop(page, pictures / "apple" / PHOTO)
    expect(page.get_by_role("heading", name=PHOTO)).to_be_visible(timeout=SLOW)
    assert studio.noise == []


def test_by_keys_alone(start: Start, desk: BrowserContext) -> None:
    studio = start(PHOTO, MATTED)
    page = studio.open(desk, f"#photos/{PHOTO}")
    expect(page.locator(".frame[data-quality]")).to_be_visible(timeout=SLOW)
    tab_to(page, page.locator(".thumb[aria-current]"))
    other = "ArrowRight" if page.locator(".thumb").first.get_attribute("aria-current") else "ArrowLeft"
    page.keyboard.press(other)
    expect(page.get_by_role("heading", name=MATTED)).to_be_visible()
    expect(page.locator(".thumb[aria-current]")).to_be_focused()
    page.keyboard.press("ArrowRight" if other == "ArrowLeft" else "ArrowLeft")
    expect(page.locator(".frame[data-quality]")).to_be_visible(timeout=SLOW)

    tab_to(page, page.get_by_role("tab", name="Portrait"))
    tab_to(page, page.get_by_role("application", name="Focus"))
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Before and after"))
    page.keyboard.press("Space")
    divider = page.get_by_role("slider", name="Before and after")
    divider.focus()
    page.keyboard.press("Home")
    expect(divider).to_have_attribute("aria-valuetext", "0 % before")
    tab_to(page, page.get_by_role("slider", name="Aperture"))
    page.keyboard.press("End")
    expect(page.get_by_role("slider", name="Aperture")).to_have_attribute("aria-valuetext", "f/22")
    tab_to(page, page.get_by_role("button", name="Save the edit"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The photo has the edit f/22.")).to_be_visible()
    assert studio.noise == []


def test_every_pane_shows_what_it_is_for(start: Start, desk: BrowserContext) -> None:
    studio = start(MATTED)
    page = studio.open(desk, f"#photos/{MATTED}")
    page.get_by_role("tab", name="Depth").click()
    page.get_by_role("application", name="Depth").hover()
    expect(page.locator(".reading")).to_contain_text("m (nominal)")
    page.get_by_role("tab", name="Mattes").click()
    page.get_by_role("button", name="Person").click()
    expect(page.get_by_role("button", name="Person")).to_have_attribute("aria-pressed", "true")
    veil = page.get_by_role("img", name="Person matte")
    expect(veil).not_to_have_attribute("width", "300")  # a canvas that nothing was painted on
    shades = veil.evaluate(
        """canvas => {
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          return new Set(data.filter((_, i) => i % 4 === 3)).size;
        }"""
    )
    assert shades > 2
    page.get_by_role("tab", name="Points").click()
    expect(page.locator(".cloud canvas")).to_be_visible(timeout=SLOW)
    assert studio.noise == []


def test_a_photo_without_depth_says_why_there_is_no_portrait(start: Start, desk: BrowserContext) -> None:
    studio = start(FLAT)
    page = studio.open(desk, "#photos")
    expect(page.get_by_role("heading", name="No portrait")).to_be_visible()
    expect(page.get_by_text("carries no depth")).to_be_visible()
    expect(page.get_by_role("link", name="PLY")).to_have_count(0)
    assert studio.noise == []


def test_back_leads_to_the_photo_before(start: Start, desk: BrowserContext) -> None:
    studio = start(PHOTO, FLAT)
    page = studio.open(desk, f"#photos/{PHOTO}")
    expect(page.get_by_role("heading", name=PHOTO)).to_be_visible()
    page.get_by_role("link", name=FLAT).click()
    expect(page.get_by_role("heading", name=FLAT)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name=PHOTO)).to_be_visible()
    page.goto(f"{studio.url}#photos/lost.heic")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such photo")
    expect(page.get_by_text("There is no photo “lost.heic” here any more.")).to_be_visible()
    assert studio.noise == []


def test_a_phone_needs_no_scrolling_aside(start: Start, browser: Browser) -> None:
    studio = start(PHOTO, MATTED)
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    page = studio.open(context, f"#photos/{MATTED}")
    for name in ("Portrait", "Photo", "Depth", "Mattes", "Points"):
        expect(page.get_by_role("tab", name=name)).to_be_in_viewport(ratio=1)
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
    assert studio.noise == []


def test_the_folder_is_shown_and_emptied_after_a_question(start: Start, desk: BrowserContext) -> None:
    studio = start(PHOTO, MATTED, FLAT)
    page = studio.open(desk, f"#photos/{FLAT}")
    shelf = studio.folder / "photos"
    expect(page.get_by_text(str(shelf))).to_be_visible()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".thumb")).to_have_count(2)
    assert not (shelf / FLAT).exists()
    expect(page.locator(".thumb[aria-current]")).to_be_focused()

    page.get_by_role("button", name="Empty the folder").click()
    page.keyboard.press("Escape")
    expect(page.locator(".thumb")).to_have_count(2)
    page.get_by_role("button", name="Empty the folder").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete all").click()
    expect(page.get_by_role("heading", name="Drop photos here")).to_be_visible()
    expect(page).to_have_title("Photos – nearfar studio")
    assert list(shelf.iterdir()) == []
    assert studio.noise == []


def test_a_photo_deleted_before_its_small_picture_came_is_asked_for_no_more(
    start: Start, desk: BrowserContext
) -> None:
    studio = start(PHOTO, MATTED, FLAT)
    held: list[Route] = []
    desk.route(re.compile(r"thumbnail\.jpg"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
    page = studio.open(desk, f"#photos/{FLAT}")
    page.get_by_role("button", name="Delete…").click()
    expect(page.locator(".thumb img")).to_have_count(3)
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator(".thumb")).to_have_count(2)
    for route in held:
        with suppress(Error):  # it was given up
            route.continue_()
    expect(page.locator(".thumb img").last).to_have_js_property("complete", value=True)
    assert studio.noise == []


def full(page: Page) -> Locator:
    """The portrait, once it is there in full."""
    return page.locator(".frame[data-quality=full][aria-busy=false]")


def drop(page: Page, file: Path) -> None:
    """Drop a file on the page."""
    page.evaluate(
        """([name, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
          for (const type of ['dragenter', 'dragover', 'drop'])
            document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true }));
        }""",
        [file.name, base64.b64encode(file.read_bytes()).decode()],
    )


def tab_to(page: Page, goal: Locator) -> None:
    """Press the Tab key until something is reached, as who has no mouse does."""
    for _ in range(40):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the Tab key does not reach {goal}")
