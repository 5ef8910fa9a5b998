"""The studio's AR page: balls on real things whose place is known, by mouse and by keys."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

import nearfar as nf
from browser.studio_page import Studio, running_studio
from nearfar.capture import open_source

pytestmark = pytest.mark.browser

RADIUS = 0.035
EYE, TILT = (0.0, 1.25, 0.2), math.radians(30)
"""Where the camera is, and how far it looks down: its middle sees the table from 1 m."""
TABLE = 0.75
"""Height of the table, metres; the board on it stands at z = -0.7, from x = 0.15 to 0.45."""


def made_table(folder: Path, *, swings: bool) -> str:
    """A device that looks down onto a table; it swings from side to side, or stands."""
    squares = (  # the lower left corner, to the right, up; colour
        ((-3, 0, 2), (6, 0, 0), (0, 0, -4.5), (90, 90, 96)),
        ((-3, 0, -2.5), (6, 0, 0), (0, 3, 0), (60, 66, 80)),
        ((-0.4, TABLE, 0), (1.4, 0, 0), (0, 0, -2.2), (120, 120, 116)),
        ((0.15, TABLE, -0.7), (0.3, 0, 0), (0, 0.3, 0), (40, 60, 90)),
    )
    corners, colors = [], []
    for corner, right, up, color in squares:
        at, aside, above = (np.array(each, np.float32) for each in (corner, right, up))
        corners += [at, at + aside, at + aside + above, at + above]
        colors += [color] * 4
    faces = np.arange(4 * len(squares)).reshape(-1, 4)[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    mesh = nf.Mesh(np.array(corners), faces.astype(np.uint32), np.array(colors, np.uint8), axes="world")
    mesh.save(folder / "table.glb")
    x, y, z = EYE
    turn = f"{math.cos(TILT / 2)} 0 0 {math.sin(TILT / 2)}"
    ways = (0.0, 0.05, 0.0, -0.05, 0.0) if swings else (0.0, 0.0)
    poses = (f"{number} {x + way} {y} {z} {turn}\n" for number, way in enumerate(ways))
    (folder / "poses.txt").write_text("".join(poses))
    return f"mesh:{folder / 'table.glb'}?path={folder / 'poses.txt'}&loop=1"


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose camera stands before the table."""
    folder = tmp_path_factory.mktemp("still")
    with running_studio(folder / "library", "--device", made_table(folder, swings=False)) as studio:
        yield studio


@pytest.fixture(scope="module")
def swinging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose camera swings before the table."""
    folder = tmp_path_factory.mktemp("swinging")
    with running_studio(folder / "library", "--device", made_table(folder, swings=True)) as studio:
        yield studio


def until(page: Page, condition: str) -> None:
    """Wait until something in the page is true; the page's rules allow no text to be run as a script."""
    page.evaluate(
        f"""() => new Promise((done, fail) => {{
          const end = performance.now() + 40000;
          const look = () => {{
            if ({condition}) done();
            else if (performance.now() > end) fail(new Error('never came true'));
            else setTimeout(look, 30);
          }};
          look();
        }})"""
    )


def begun(studio: Studio, browser: Browser, **context: object) -> Page:
    """The page with a session that sees something."""
    options = {"viewport": {"width": 640, "height": 480}, **context}
    page = studio.open(browser.new_context(**options), "ar/")  # type: ignore[arg-type]
    page.get_by_role("button", name="Start AR").click()
    until(page, "shown.distance > 0")
    return page


def ended(page: Page) -> None:
    """End the session, close the page."""
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Start AR")).to_be_focused()
    page.context.close()


def heights(page: Page) -> NDArray[np.float64]:
    """Of the lowest points of all balls, metres in the world: the session begins where the camera is."""
    found = page.evaluate("shown.balls.map(({ position }) => position.y)")
    return np.array(found) + EYE[1] - RADIUS


def picture(page: Page) -> NDArray[np.int32]:
    """(480, 640, 3)."""
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), np.int32)


def test_thrown_balls_come_to_rest_on_the_table(swinging: Studio, browser: Browser) -> None:
    page = begun(swinging, browser)
    for x, y in ((320, 340), (290, 400), (340, 400)):
        page.mouse.click(x, y)
    until(page, "shown.balls.length === 3 && shown.balls.every((ball) => ball.asleep)")
    np.testing.assert_allclose(heights(page), TABLE, atol=0.01)
    ended(page)
    assert swinging.noise == []


def test_noisy_depth_holds_balls_where_the_desk_is(tmp_path: Path, browser: Browser) -> None:
    device = "virtual:dual?scene=desk"
    camera = open_source(device)
    first = camera.frame(camera.formats[0], 0, 0.0)
    assert first is not None
    assert first.pose is not None
    with running_studio(tmp_path, "--device", device) as studio:
        page = begun(studio, browser)
        page.evaluate("shown.drop(0, -0.15, -1.1)")  # between book, mug and pencils
        until(page, "shown.balls[0]?.asleep")
        (lowest,) = heights(page) - EYE[1] + first.pose.translation[1]
        assert lowest == pytest.approx(0.74, abs=0.02)
        ended(page)
        assert studio.noise == []


def test_a_ball_falls_past_the_table_onto_the_floor(still: Studio, browser: Browser) -> None:
    page = begun(still, browser)
    page.evaluate("shown.drop(-1.15, -0.9, -1.5)")
    until(page, "shown.balls[0]?.asleep")
    np.testing.assert_allclose(heights(page), 0, atol=0.02)
    ended(page)


def test_the_ring_says_how_far_the_table_is(still: Studio, browser: Browser) -> None:
    page = begun(still, browser)
    assert page.evaluate("shown.distance") == pytest.approx((EYE[1] - TABLE) / math.sin(TILT), rel=0.01)
    expect(page.locator("#distance")).to_have_text("1.00 m")
    page.mouse.move(320, 400)  # nearer
    until(page, "shown.aim.y > 0.8")
    half = 320 / math.tan(0.6)  # the mesh's cameras see 1.2 radians
    down = TILT + math.atan((400.5 - 240) / half)
    until(page, f"Math.abs(shown.distance - {(EYE[1] - TABLE) / math.sin(down)}) < 0.01")
    ended(page)


def test_a_ball_is_hidden_behind_the_board(still: Studio, browser: Browser) -> None:
    page = begun(still, browser)
    page.mouse.move(60, 400)  # the ring: out of the way
    until(page, "shown.aim.x < 0.2")
    before = picture(page)
    z = -0.9
    edge = 0.15 * (EYE[2] - z) / (EYE[2] + 0.7)  # x at which the board's edge hides what is at z
    page.evaluate(f"shown.drop({edge - 0.3 * RADIUS}, {TABLE + RADIUS - EYE[1]}, {z - EYE[2]})")
    until(page, "shown.balls[0]?.asleep")
    drawn = np.abs(picture(page) - before).max(axis=-1) > 24
    half = 320 / math.tan(0.6)
    away = (EYE[2] - z) * math.cos(TILT) + (EYE[1] - TABLE - RADIUS) * math.sin(TILT)
    column, radius = 320 + half * edge / away, half * RADIUS / away
    rows, columns = np.nonzero(drawn & (np.abs(np.mgrid[:480, :640][1] - column) < 1.2 * radius))
    assert np.count_nonzero(columns < column - 2) > 0.45 * math.pi * radius * radius
    assert np.count_nonzero(columns > column + 4) < 0.02 * math.pi * radius * radius
    assert np.ptp(rows) > 1.5 * radius
    ended(page)


def test_keys_alone_will_do(still: Studio, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 480})
    page = still.open(context, "ar/")
    start = page.get_by_role("button", name="Start AR")
    expect(start).to_be_enabled()
    for name in ("Back to the studio", "Start AR"):
        page.keyboard.press("Tab")
        expect(page.get_by_text(name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    until(page, "shown.distance > 0")
    expect(page.get_by_role("button", name="Throw")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    until(page, "shown.balls.length === 1 && shown.aim.x < 0.5")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "shown.balls.length === 0")
    page.keyboard.press("Escape")
    expect(start).to_be_focused()
    page.keyboard.press("Enter")  # and once more
    expect(page.get_by_role("button", name="End")).to_be_visible()
    page.get_by_role("button", name="End").click()
    expect(start).to_be_focused()
    context.close()
    assert still.noise == []


def test_it_fits_a_phone(still: Studio, browser: Browser) -> None:
    page = begun(still, browser, viewport={"width": 390, "height": 844}, has_touch=True)
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(width) == 390
    for name in ("Throw", "Clear", "End"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.touchscreen.tap(195, 430)
    until(page, "shown.balls.length === 1")
    page.get_by_role("button", name="Clear").tap()  # which throws nothing
    until(page, "shown.balls.length === 0")
    page.get_by_role("button", name="End").tap()
    expect(page.get_by_role("button", name="Start AR")).to_be_focused()
    assert page.evaluate(width) == 390
    page.context.close()
    assert still.noise == []


def test_who_wants_little_motion_gets_balls_laid_down(still: Studio, browser: Browser) -> None:
    page = begun(still, browser, reduced_motion="reduce")
    page.mouse.click(320, 240)
    until(page, "shown.balls.length === 1")
    assert heights(page)[0] < TABLE + 0.08
    ended(page)


def test_without_ar_it_says_so(still: Studio, browser: Browser) -> None:
    context = browser.new_context()
    context.route("**/nearfar-webxr.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page = still.open(context, "ar/")
    expect(page.get_by_role("alert")).to_contain_text("This browser has no AR")
    expect(page.get_by_role("button", name="Start AR")).to_be_disabled()
    context.close()


def test_without_depth_it_says_so(tmp_path: Path, browser: Browser) -> None:
    with running_studio(tmp_path, "--device", "virtual:wide?size=160x120") as studio:
        page = studio.open(browser.new_context(), "ar/")
        page.get_by_role("button", name="Start AR").click()
        until(page, "document.getElementById('problem').textContent")
        expect(page.get_by_role("alert")).to_contain_text("no depth that a page can read")
        expect(page.get_by_role("region", name="AR")).to_be_hidden()
        page.context.close()
        assert studio.noise == []
