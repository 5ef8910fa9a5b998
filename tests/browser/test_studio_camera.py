"""The studio's camera from its page: shot, recorded, set otherwise, and what is said where it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

import nearfar
from browser.serving import installed_ramp
from browser.studio_page import Studio, running_studio
from nearfar.capture import Device

pytestmark = pytest.mark.browser

BUSY = 60_000
"""Milliseconds that a machine on which much runs may take for what takes a second."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """On the camera whose depth costs the least."""
    with running_studio(tmp_path_factory.mktemp("studio"), "--device", "virtual:lidar") as studio:
        yield studio


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture(autouse=True)
def silence(request: pytest.FixtureRequest) -> Iterator[None]:
    """No page prints a warning or an error."""
    yield
    if "studio" in request.fixturenames:
        assert request.getfixturevalue("studio").noise == []


def live(studio: Studio, context: BrowserContext) -> Page:
    """Its live view, with a picture, ready to shoot."""
    page = studio.open(context)
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
    expect(page.get_by_role("button", name="Take a photo")).to_be_enabled(timeout=BUSY)
    return page


def pressed(page: Page, group: str) -> Locator:
    return page.get_by_role("group", name=group).locator("[aria-pressed=true]")


def photos_in(studio: Studio) -> set[Path]:
    return set((studio.folder / "photos").glob("*.heic"))


def test_the_shutter_puts_a_photo_with_depth_in_the_library(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    before = photos_in(studio)
    page.get_by_role("button", name="Take a photo").click()
    link = page.locator(".taken a[href^='#photos/']")
    expect(link).to_contain_text("Taken: ", timeout=BUSY)
    (taken,) = photos_in(studio) - before
    photo = nearfar.open(taken)
    assert photo.depth is not None
    assert photo.depth.size[0] > 100
    for place in (".taken img", ".strip img"):
        page.wait_for_function(
            "place => document.querySelector(place)?.naturalWidth > 50", arg=place, timeout=BUSY
        )
    assert page.evaluate("document.getAnimations().length") == 0, "reduced motion"
    link.click()
    expect(page.get_by_role("region", name="Photos", exact=True)).to_be_visible()
    assert page.evaluate("decodeURIComponent(location.hash)") == f"#photos/{taken.name}"


@pytest.mark.parametrize("key", ["Space", "Enter"])
def test_a_key_takes_a_photo_where_it_is_nobody_elses(
    studio: Studio, context: BrowserContext, key: str
) -> None:
    page = live(studio, context)
    before = len(photos_in(studio))
    page.keyboard.press(key)
    expect(page.locator(".taken a").first).to_be_visible(timeout=BUSY)
    assert len(photos_in(studio)) == before + 1
    page.get_by_role("button", name="Confidence").focus()
    shots: list[str] = []
    page.on("request", lambda request: shots.append(request.url) if "/shots" in request.url else None)
    page.keyboard.press(key)
    expect(page.get_by_role("button", name="Confidence")).to_have_attribute("aria-pressed", "true")
    assert shots == []


def test_the_keyboard_alone_does_it_all(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    before = len(photos_in(studio))
    names = []
    for _ in range(30):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        names.append(focused.evaluate("it => it.getAttribute('aria-label') ?? it.innerText"))
        if names[-1] == "Take a photo":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".taken a").first).to_be_visible(timeout=BUSY)
    assert len(photos_in(studio)) == before + 1
    for name in ("Device", "Format"):
        assert page.get_by_label(name).evaluate("it => it.tabIndex") == 0
    assert "Colour" in names


def test_who_waits_for_a_photo_is_told(tmp_path: Path, browser: Browser) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    environment = installed_ramp(tmp_path)
    with running_studio(tmp_path / "kept", "--device", f"held:{pipe}", environment=environment) as studio:
        one, other = (live(studio, browser.new_context()) for _ in range(2))
        one.get_by_role("button", name="Take a photo").click()
        for page in (one, other):
            expect(page.get_by_text("Taking a photo…")).to_be_visible(timeout=BUSY)
        other.get_by_label("Device").select_option(value="virtual:lidar")
        waits = other.get_by_text("The camera changes as soon as it is there.")
        expect(waits).to_be_visible(timeout=BUSY)
        pipe.write_bytes(b"now")
        for words in (waits, other.get_by_text("Taking a photo…"), one.get_by_text("Taking a photo…")):
            expect(words).to_be_hidden(timeout=BUSY)
        expect(other.get_by_label("Device")).to_have_value("virtual:lidar")
        expect(other.locator(".strip img")).to_have_count(1, timeout=BUSY)
        expect(one.locator(".taken a")).to_be_visible(timeout=BUSY)
        for page in (one, other):
            page.context.close()
    assert studio.noise == []


def test_a_recording_tells_how_long_it_is_and_becomes_a_take(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    page.get_by_role("button", name="Record").click()
    stop = page.get_by_role("button", name="Stop recording")
    expect(stop).to_have_attribute("aria-pressed", "true", timeout=BUSY)
    expect(page.locator(".progress")).to_have_text(re.compile(r"^\d+:\d\d · (?!0\.0)[\d.]+ MB"), timeout=BUSY)
    stop.click()
    link = page.get_by_role("link", name="Recorded: ")
    expect(link).to_be_visible(timeout=BUSY)
    (take,) = (studio.folder / "takes").glob("*.mcap")
    assert link.get_attribute("href") == f"#takes/{take.name.replace(' ', '%20')}"
    assert Device(f"take:{take}").active_format.depth is not None


def test_another_device_comes_into_the_same_pictures(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    device = page.get_by_label("Device")
    expect(device.locator("optgroup[label=Cameras] option")).not_to_have_count(0)
    device.select_option(label="Virtual TrueDepth Camera")
    expect(page.get_by_text("640 × 480 pixels", exact=True)).to_be_visible(timeout=BUSY)
    expect(device).to_have_value("virtual:truedepth")
    page.locator(".pane.depth .target").hover()
    expect(page.locator(".pane.depth .reading")).to_have_text(re.compile(r"^([\d.]+ m|no depth here)"))
    device.select_option(label="Virtual LiDAR Depth Camera")
    expect(device).to_have_value("virtual:lidar")
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)


def test_a_photo_of_the_library_is_a_device_too(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    page.get_by_role("button", name="Take a photo").click()
    expect(page.locator(".taken a").first).to_be_visible(timeout=BUSY)
    device = page.get_by_label("Device")
    device.focus()
    photo = device.locator("optgroup[label=Photos] option").first
    expect(photo).to_be_attached(timeout=BUSY)
    device.select_option(value=photo.get_attribute("value"))
    expect(device).to_have_value(re.compile("^photo:"), timeout=BUSY)
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
    device.select_option(value="virtual:lidar")
    expect(device).to_have_value("virtual:lidar", timeout=BUSY)


def test_format_and_effort_are_chosen(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    device = page.get_by_label("Device")
    device.select_option(value="virtual:dual")
    expect(pressed(page, "Effort")).to_have_text("Fast", timeout=BUSY)
    page.get_by_role("button", name="Standard").click()
    expect(pressed(page, "Effort")).to_have_text("Standard", timeout=BUSY)
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
    device.select_option(value="virtual:lidar")
    expect(page.get_by_role("group", name="Effort")).to_be_hidden(timeout=BUSY)
    formats = page.get_by_label("Format")
    last = formats.locator("option").count() - 1
    formats.select_option(index=last)
    expect(formats).to_have_value(str(last), timeout=BUSY)
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
    formats.select_option(index=0)
    expect(formats).to_have_value("0", timeout=BUSY)


def test_points_are_shown_where_they_are_wanted(studio: Studio, context: BrowserContext) -> None:
    page = live(studio, context)
    page.get_by_role("button", name="Points").click()
    expect(page.locator(".pane.cloud canvas")).to_be_visible(timeout=BUSY)
    page.get_by_role("button", name="Points").click()
    expect(page.locator(".pane.cloud")).to_have_count(0)


def test_a_camera_that_goes_away_is_told_in_the_view_with_what_to_do(
    tmp_path: Path, browser: Browser
) -> None:
    with running_studio(tmp_path, "--device", "faulty:virtual:lidar?unplug=1") as studio:
        page = studio.open(browser.new_context())
        trouble = page.get_by_role("alert").filter(has_text="Choose another device")
        expect(trouble).to_be_visible(timeout=BUSY)
        page.get_by_label("Device").select_option(value="virtual:lidar")
        expect(trouble).to_be_hidden(timeout=BUSY)
        expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
        page.context.close()
    assert studio.noise == []


def test_a_server_that_ends_is_told_and_the_page_comes_back_with_it(tmp_path: Path, browser: Browser) -> None:
    context = browser.new_context()
    with running_studio(tmp_path, "--device", "virtual:lidar") as studio:
        page = live(studio, context)
    expect(page.get_by_role("alert").filter(has_text="tries again by itself")).to_be_visible(timeout=BUSY)
    port = int(studio.url.rstrip("/").rpartition(":")[2])
    with running_studio(tmp_path, "--device", "virtual:lidar", port=port):
        expect(page.locator(".trouble")).to_be_hidden(timeout=BUSY)
        expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=BUSY)
    context.close()
