"""The studio's takes as people use them: recorded, listed, played, scrubbed, taken away, deleted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

import nearfar as nf
from browser.studio_page import Studio, running_studio
from nearfar.capture import Recorder

pytestmark = pytest.mark.browser

Bundled = Callable[[str], Path]

FRAMES, EVERY, GREY = 24, 0.125, 10
"""Of the take that is made: how many, how many seconds apart, and how much lighter each is than the last."""


def wall() -> Iterator[nf.Frame]:
    """A wall that comes nearer by a decimetre a frame, in a lighter grey each time."""
    camera = nf.Calibration(np.array([[60.0, 0, 40], [0, 60, 30], [0, 0, 1]]), (80, 60))
    for number in range(FRAMES):
        values = np.full((60, 80), 4 - 0.1 * number, np.float32)
        values[:, :20] = 6
        depth = nf.DepthMap(values, nf.DepthKind.DEPTH, accuracy=nf.Accuracy.ABSOLUTE, calibration=camera)
        color = np.full((60, 80, 3), GREY * number, np.uint8)
        yield nf.Frame(100 + EVERY * number, number, color, depth, nf.Pose(np.eye(3), np.zeros(3)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take whose every frame is known."""
    path = tmp_path_factory.mktemp("made") / "wall.mcap"
    with Recorder(path, device=nf.Device("virtual:dual").info) as recorder:
        for frame in wall():
            recorder.write(frame, wait=True)
    return path


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running_studio(tmp_path_factory.mktemp("studio"), "--device", "virtual:lidar") as studio:
        yield studio


@pytest.fixture
def takes(studio: Studio, made: Path) -> Iterator[Path]:
    """The studio's folder, with the made take in it, and nothing else."""
    folder = studio.folder / "takes"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(made, folder)
    studio.noise.clear()
    yield folder
    assert studio.noise == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(studio: Studio, takes: Path, context: BrowserContext) -> Page:
    """The page with the made take open."""
    page = studio.open(context, "#takes")
    expect(page.locator(".pane.colour:not(.empty)")).to_be_visible()
    return page


NUMBER = f"""() => {{
  const canvas = document.querySelector('.pane.colour .target canvas');
  return canvas && Math.round(canvas.getContext('2d').getImageData(40, 30, 1, 1).data[0] / {GREY});
}}"""


def wait_until(page: Page, condition: str) -> None:
    """Wait for something in the page, whose rules let no script be made of words."""
    met = page.evaluate(
        f"""async () => {{
          const end = performance.now() + 20000;
          while (!({condition})) {{
            if (performance.now() > end) return false;
            await new Promise((next) => setTimeout(next, 10));
          }}
          return true;
        }}"""
    )
    assert met, f"it never came: {condition}"


def until_shown(page: Page, number: int) -> None:
    wait_until(page, f"({NUMBER})() === {number}")


def slider(page: Page) -> Any:
    return page.get_by_role("slider", name="Moment")


def test_the_newest_take_is_open_and_the_list_says_what_each_is(page: Page, takes: Path) -> None:
    row = page.get_by_role("link", name="wall")
    expect(row).to_have_attribute("aria-current", "true")
    expect(row).to_contain_text(nf.Device("virtual:dual").title)
    expect(row).to_contain_text(f"2.8 s · {FRAMES} frames")
    expect(row).to_contain_text(re.compile(r"\d+ [KM]B"))
    expect(page.get_by_text(str(takes), exact=True)).to_be_visible()
    until_shown(page, 0)
    expect(page.get_by_text("0:00.0 / 0:02.8")).to_be_visible()


def test_any_moment_is_gone_to_with_its_true_depth(page: Page) -> None:
    slider(page).focus()
    for key, number in (
        ("End", 23),
        ("ArrowLeft", 22),
        ("PageDown", 14),
        ("Home", 0),
        ("ArrowRight", 1),
        ("PageUp", 9),
    ):
        page.keyboard.press(key)
        until_shown(page, number)
        page.locator(".pane.depth .target").hover()
        expect(page.locator(".pane.depth .reading")).to_have_text(f"{4 - 0.1 * number:.2f} m")
        expect(page.locator(".pane.colour .reading")).to_have_text(f"{4 - 0.1 * number:.2f} m")
    expect(slider(page)).to_have_attribute("aria-valuetext", "0:01.1 of 0:02.8")


def test_space_plays_and_pauses(page: Page) -> None:
    page.get_by_role("button", name="Loop").click()
    page.locator("main").focus()
    page.evaluate(
        f"""() => {{
          window.seen = [];
          const look = () => {{
            const number = ({NUMBER})();
            if (window.seen.at(-1) !== number) window.seen.push(number);
            requestAnimationFrame(look);
          }};
          look();
        }}"""
    )
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    wait_until(page, "seen.length > 3")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    shown = page.evaluate("[...seen]")
    assert shown == sorted(shown), "forward"
    page.keyboard.press("Space")
    wait_until(page, f"seen.at(-1) === {FRAMES - 1}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    wait_until(page, f"seen.at(-1) < {FRAMES - 1}")  # from the begin, for it stood at the end


def test_of_many_moments_only_the_last_is_waited_for(page: Page) -> None:
    page.evaluate("performance.clearResourceTimings()")
    page.evaluate(
        """() => {
          const slider = document.querySelector('.transport input');
          for (let moment = 0; moment <= 2.875; moment += 0.005) {
            slider.value = moment;
            slider.dispatchEvent(new Event('input'));
          }
        }"""
    )
    until_shown(page, FRAMES - 1)
    asked = page.evaluate(
        "performance.getEntriesByType('resource').filter(({ name }) => /frames/.test(name)).length"
    )
    assert asked <= 3


def test_its_points_stand_in_space(page: Page) -> None:
    page.get_by_role("button", name="Points").click()
    expect(page.locator(".cloud .target canvas")).to_be_visible()
    expect(page.get_by_role("application", name=re.compile("^Points in space"))).to_be_visible()
    slider(page).focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Colour and depth").click()
    until_shown(page, FRAMES - 1)
    expect(page.locator(".cloud canvas")).to_have_count(0)


def test_deleting_asks_first(page: Page, takes: Path) -> None:
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog", name="Delete the take wall?")
    expect(dialog.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert (takes / "wall.mcap").exists()
    page.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("wall is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is recorded yet")
    expect(page).to_have_title("Takes – nearfar studio")
    expect(page.get_by_role("main")).to_be_focused()
    assert list(takes.iterdir()) == []


def test_the_folder_is_emptied_when_that_is_sure(page: Page, takes: Path, made: Path) -> None:
    shutil.copy(made, takes / "second.mcap")
    page.reload()
    page.get_by_role("button", name="Empty the folder…").click()
    page.get_by_role("dialog", name="Delete all 2 takes?").get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("The folder is empty.")).to_be_visible()
    assert list(takes.iterdir()) == []
    expect(page.get_by_role("button", name="Empty the folder…")).to_be_hidden()


def test_it_is_taken_away_as_it_is(page: Page, made: Path, tmp_path: Path) -> None:
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download MCAP").click()
    assert coming.value.suggested_filename == "wall.mcap"
    coming.value.save_as(tmp_path / "taken.mcap")
    assert (tmp_path / "taken.mcap").read_bytes() == made.read_bytes()


def test_a_take_is_recorded_and_played(studio: Studio, page: Page, takes: Path) -> None:
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("button", name="Stop recording")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("is being recorded")).to_be_visible()
    expect(page.locator(".progress")).to_have_text(re.compile(r"^\d+:\d\d · [\d.]+ [KM]B"), timeout=20_000)
    page.get_by_role("button", name="Stop recording").click()
    expect(page.get_by_role("link")).to_contain_text(["wall"])
    expect(page).to_have_url(re.compile(r"#takes/\d{4}-"), timeout=20_000)
    expect(page.locator(".head h1")).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d"))
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible()
    (recorded,) = (path for path in takes.iterdir() if path.name != "wall.mcap")
    with nf.capture.Take(recorded) as take:
        assert take.filled.any()


def test_a_take_is_looked_through(studio: Studio, page: Page) -> None:
    page.get_by_role("button", name="Use as the camera").click()
    expect(page.get_by_role("region", name="Live", exact=True)).to_be_visible(timeout=20_000)
    expect(page.locator(".pane.depth:not(.empty)")).to_be_visible(timeout=20_000)
    state = page.evaluate("fetch('/studio/camera').then((answer) => answer.json())")
    assert state["device"].startswith("take:")
    assert "wall.mcap" in state["device"]
    back = {"device": "virtual:lidar"}
    page.evaluate(
        """(wish) => fetch('/studio/camera', { method: 'POST', body: JSON.stringify(wish),
           headers: { 'Content-Type': 'application/json' } })""",
        back,
    )


def test_a_broken_take_says_what_is_wrong(studio: Studio, takes: Path, context: BrowserContext) -> None:
    (takes / "broken.mcap").write_text("no take")
    page = studio.open(context, "#takes")
    until_shown(page, 0)
    row = page.get_by_role("link", name="broken")
    expect(row).to_contain_text("cannot be played")
    row.click()
    expect(page.get_by_text("broken.mcap: this is not an MCAP file.")).to_be_visible()
    expect(page.get_by_role("button", name="Delete…")).to_be_visible()
    expect(page.get_by_role("button", name="Use as the camera")).to_have_count(0)


def test_an_address_of_no_take_says_so(studio: Studio, takes: Path, context: BrowserContext) -> None:
    page = studio.open(context, "#takes/gone.mcap")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such take")
    expect(page.get_by_text("“gone.mcap” is not here any more.")).to_be_visible()


def test_the_keyboard_alone_plays_another_take(
    studio: Studio, takes: Path, made: Path, context: BrowserContext
) -> None:
    shutil.copy(made, takes / "a take.mcap")
    page = studio.open(context, "#takes/wall.mcap")
    until_shown(page, 0)
    row = page.get_by_role("link", name="a take")
    for _ in range(30):
        page.keyboard.press("Tab")
        if row.evaluate("(row) => row === document.activeElement"):
            break
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".head h1")).to_have_text("a take")
    expect(row).to_be_focused()


def test_nothing_runs_on_under_another_tab(page: Page) -> None:
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("link", name="Photos", exact=True).click()
    expect(page.get_by_role("region", name="Photos", exact=True)).to_be_visible()
    asked = page.evaluate(
        """() => new Promise((done) => {
          performance.clearResourceTimings();
          setTimeout(() => done(performance.getEntriesByType('resource').map(({ name }) => name)
            .filter((name) => /takes|camera/.test(name)).length), 2500);
        })"""
    )
    assert asked <= 1, "what was on its way may still arrive"
    page.get_by_role("link", name="Takes", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(studio: Studio, takes: Path, browser: Browser, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    page = studio.open(context, "#takes")
    until_shown(page, 0)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    for control in page.locator("main button:visible, main a:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 30
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    for name in ("Play", "Loop"):  # in sight below pictures that are higher than the window
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("slider", name="Moment")).to_be_in_viewport(ratio=1)
    expect(page.locator(".pane.depth")).not_to_be_in_viewport(ratio=1)
    context.close()


CLOCK = """(steps) => {
  const clock = new room.PlayClock([0, 0.1, 0.3, 0.4, 1.0]);
  return steps.map(([what, ...values]) => {
    if (what === 'loop') { clock.loop = values[0]; return null; }
    if (what === 'playing') return clock.playing;
    return clock[what](...values) ?? null;
  });
}"""


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([["at", 0], ["play", 5000], ["at", 5000], ["at", 5300]], [0, None, 0, 0.3]),
        ([["play", 0], ["pause", 250], ["at", 900], ["playing"]], [None, None, 0.25, False]),
        ([["play", 0], ["at", 1240], ["at", 1250], ["at", 2600]], [None, 1, 0, 0.1]),
        ([["loop", False], ["play", 0], ["at", 1200], ["playing"], ["at", 1250], ["playing"]],
         [None, None, 1, True, 1, False]),
        ([["loop", False], ["seek", 1, 0], ["play", 0], ["at", 100]], [None, None, None, 0.1]),
        ([["seek", 7, 0], ["at", 0], ["seek", -1, 0], ["at", 0]], [None, 1, None, 0]),
        ([["play", 0], ["seek", 0.3, 600], ["at", 700]], [None, None, 0.4]),
        ([["frameAt", 0], ["frameAt", 0.099], ["frameAt", 0.1], ["frameAt", 0.9], ["frameAt", 9]],
         [0, 0, 1, 3, 4]),
        ([["seek", 0.35, 0], ["stepped", 1, 0], ["stepped", -1, 0], ["stepped", 9, 0]], [None, 0.4, 0.1, 1]),
    ],
)  # fmt: skip
def test_the_clock_of_a_take(bundled: Bundled, browser: Browser, steps: list[Any], found: list[Any]) -> None:
    page = browser.new_page()
    page.add_script_tag(path=bundled("studio/takes/play_clock"))
    assert page.evaluate(CLOCK, steps) == [
        pytest.approx(each) if isinstance(each, float) else each for each in found
    ]
    page.close()


def test_a_recording_without_a_frame_leaves_nothing_and_says_so(
    browser: Browser, tmp_path: Path, made: Path
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    shutil.copy(made, folder)
    with running_studio(tmp_path, "--device", "faulty:virtual:lidar?drop=1") as studio:
        context = browser.new_context()
        page = studio.open(context, "#takes")
        until_shown(page, 0)
        page.get_by_role("button", name="Record").click()
        page.get_by_role("button", name="Stop recording").click(timeout=20_000)
        expect(page.get_by_text("Nothing was recorded")).to_be_visible(timeout=20_000)
        expect(page.locator(".head h1")).to_have_text("wall")
        context.close()
    assert [path.name for path in folder.iterdir()] == ["wall.mcap"]
    assert studio.noise == []
