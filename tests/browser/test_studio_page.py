"""The studio's page as people use it: its tabs, by mouse and by keys, without a word in the console."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser.serving import free_port
from browser.studio_page import Studio, running_studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running_studio(tmp_path_factory.mktemp("studio")) as studio:
        yield studio


def test_tabs_lead_to_views(studio: Studio, browser: Browser) -> None:
    context = browser.new_context()
    page = studio.open(context)
    expect(page).to_have_title("Live – nearfar studio")
    for name in ("Photos", "Takes", "Live"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("region", name=name, exact=True)).to_be_visible()
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
    context.close()
    assert studio.noise == []


def test_the_keyboard_alone_reaches_every_view(studio: Studio, browser: Browser) -> None:
    context = browser.new_context()
    page = studio.open(context)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the view")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Photos", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Photos", exact=True)).to_be_visible()
    context.close()


def test_sizes_and_headings_are_alike_under_every_tab(studio: Studio, browser: Browser) -> None:
    context = browser.new_context()
    page = studio.open(context, "#live")
    expect(page.get_by_role("heading", level=1, name="Live")).to_be_attached()
    page.get_by_role("button", name="Take a photo").click(timeout=30_000)
    photo = page.get_by_role("link", name="Taken:")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".progress")).to_have_text(re.compile(r"^\d+:\d\d · [\d.]+ [KM]B"), timeout=120_000)
    page.get_by_role("button", name="Stop recording").click()
    expect(page.locator(".pane.colour")).to_contain_text("× 480 pixels")
    photo.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\.heic$"))
    expect(page.locator("article")).to_contain_text(re.compile(r"\d+ × \d+ pixels · [\d.]+ MB"))
    page.get_by_role("link", name="Takes", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d"))
    expect(page.locator(".pane.colour")).to_contain_text("× 480 pixels")
    context.close()
    assert studio.noise == []


def test_what_is_said_of_the_pace_moves_no_picture(studio: Studio, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = studio.open(context, "#live")
    tops = page.locator(".pace").evaluate(
        """(pace, said) => said.map((words) => {
          pace.textContent = words;
          return document.querySelector('.panes').getBoundingClientRect().top;
        })""",
        ["30 frames a second; none dropped", "8 frames a second; 378 dropped: " + "words on words " * 4],
    )
    assert tops[0] == tops[1]
    context.close()


def test_that_nothing_answers_is_said_only_as_long_as_it_is_so(tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    context = browser.new_context()
    with running_studio(tmp_path, port=port) as studio:
        page = studio.open(context, "#takes")
        record = page.get_by_role("button", name="Record")
        expect(record).to_be_enabled(timeout=20_000)
    record.click()
    said = page.get_by_role("alert").filter(has_text="The studio does not answer")
    expect(said).to_be_visible()
    silent = page.get_by_role("status").filter(
        has_text="The studio does not answer; this page tries again by itself"
    )
    expect(silent).to_be_visible(timeout=20_000)
    with running_studio(tmp_path, port=port):
        expect(said).to_have_count(0, timeout=20_000)
        expect(silent).to_have_count(0)
    context.close()


def test_a_server_that_is_silent_is_asked_less_and_less_often_and_at_once_when_somebody_comes_back(
    tmp_path: Path, browser: Browser
) -> None:
    context = browser.new_context()
    with running_studio(tmp_path) as studio:
        page = studio.open(context, "#takes")
        expect(page.get_by_role("button", name="Record")).to_be_enabled(timeout=20_000)
        page.clock.install()
        page.reload()
        expect(page.get_by_role("button", name="Record")).to_be_enabled(timeout=20_000)
    page.evaluate(
        """() => {
          const ask = fetch;
          globalThis.asked = [];
          globalThis.fetch = (...about) => {
            if (String(about[0]).includes('camera')) asked.push(Date.now());
            return ask(...about);
          };
        }"""
    )
    while len(asked := page.evaluate("asked")) < 6:
        page.clock.run_for(100)
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert all(map(int.__ge__, pauses, [1000, 2000, 4000, 5000, 5000])), pauses
    page.evaluate("dispatchEvent(new Event('focus'))")
    assert page.evaluate("asked.length") > len(asked)
    context.close()


@pytest.mark.parametrize("place", ["#photos/%E0", "#takes/%", "#nothing", "#toString", "#view"])
def test_an_address_that_makes_no_sense_leaves_a_view(studio: Studio, browser: Browser, place: str) -> None:
    context = browser.new_context()
    studio.open(context, place)
    expect(context.pages[0].locator("main > section")).to_be_visible()
    context.close()
    assert studio.noise == []


def test_the_ar_page_has_the_runtime(studio: Studio, browser: Browser) -> None:
    context = browser.new_context()
    page = studio.open(context, "ar/")
    assert page.evaluate("navigator.xr.isSessionSupported('immersive-ar')") is True
    context.close()
    assert studio.noise == []
