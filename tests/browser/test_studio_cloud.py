"""Points in space as the studio's page draws them: where they stand, what is left out, how they turn."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

Bundled = Callable[[str], Path]

ROOM = """() => {
  document.body.style.margin = 0;
  document.body.style.background = '#000';
  const style = document.createElement('style');
  style.textContent = `.cloud { margin: 0; width: 400px; overflow: hidden } .target { width: 400px }
    canvas { display: block; width: 100%; height: 100% } figcaption { position: absolute; left: -9999px }
    :focus { outline: none } [hidden] { display: none }`;
  document.head.append(style);
  window.cloud = new room.PointCloudView('Points');
  document.body.append(cloud.element);
  /** A map of what `distance` says of each place, under a picture painted by `paint`. */
  window.put = (width, height, distance, paint) => {
    const metres = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) metres[y * width + x] = distance((x + 0.5) / width, (y + 0.5) / height);
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    if (paint) paint(canvas.getContext('2d'));
    cloud.show({ metres, width, height, unit: 'metres' }, [0.5, 0.5, 0.375, 0.375], paint ? canvas : null);
  };
}"""
HALVES = """(context) => {
  context.fillStyle = '#f00'; context.fillRect(0, 0, 160, 240);
  context.fillStyle = '#00f'; context.fillRect(160, 0, 160, 240);
}"""


@pytest.fixture
def still(browser: Browser, bundled: Bundled) -> Any:
    """A page with a view that does not sway."""
    context = browser.new_context(viewport={"width": 400, "height": 400}, reduced_motion="reduce")
    page = context.new_page()
    noise: list[str] = []
    page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.add_script_tag(path=bundled("studio/cloud/point_cloud_view"))
    page.evaluate(ROOM)
    yield page
    context.close()
    ours = [
        text for text in noise if not text.startswith(("log: THREE.", "warning: [.WebGL"))
    ]  # the driver's
    assert ours == []


def drawn(page: Page) -> NDArray[np.int16]:
    """What is seen, once it was drawn."""
    expect(page.locator("canvas")).to_be_visible()
    page.evaluate(
        """() => new Promise((done) => {
          let frames = 4;
          (function again() { frames-- > 0 ? requestAnimationFrame(again) : done(); })();
        })"""
    )
    data = page.locator(".target").screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int16)


def colours(picture: NDArray[np.int16]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    return picture[..., 0] > 200, picture[..., 2] > 200


def test_a_wall_looks_as_its_picture_from_where_it_was_taken(still: Page) -> None:
    still.evaluate(f"put(320, 240, () => 2, {HALVES})")
    picture = drawn(still)
    assert picture.shape == (300, 400, 3)
    red, blue = colours(picture)
    inside = np.s_[20:-20, 25:-25]  # the eye stands a little back, so that the edges are seen
    assert (picture.sum(axis=-1) > 200)[inside].all()
    assert not (red | blue)[:5].any()
    columns = np.arange(400)
    assert (red[150] <= (columns < 202)).all()
    assert (blue[150] <= (columns > 198)).all()


def test_a_map_of_few_columns_keeps_the_detail_of_its_picture(still: Page) -> None:
    stripes = """(context) => {
      for (let x = 0; x < 320; x++) {
        context.fillStyle = (x >> 2) % 2 ? '#f00' : '#00f';
        context.fillRect(x, 0, 1, 240);
      }
    }"""
    still.evaluate(f"put(80, 60, () => 2, {stripes})")
    red, _ = colours(drawn(still))
    assert np.abs(np.diff(red[150, 30:-30].astype(int))).sum() > 60


def test_what_is_smeared_between_two_surfaces_is_left_out(still: Page) -> None:
    green = """(context) => {
      context.fillStyle = '#f00'; context.fillRect(0, 0, 320, 240);
      context.fillStyle = '#0f0'; context.fillRect(155, 0, 10, 240);
    }"""
    smeared = "(x) => x < 0.48 ? 1 : x > 0.52 ? 4 : 1 + 3 * (x - 0.48) / 0.04"
    still.evaluate(f"put(320, 240, {smeared}, {green})")
    still.locator(".target").focus()
    for _ in range(5):
        still.keyboard.press("ArrowLeft")
    found = green_of(drawn(still))
    whole = smeared.replace("1 + 3 * (x - 0.48) / 0.04", "1")
    still.evaluate(f"put(320, 240, {whole}, {green})")
    assert found < 0.05 * green_of(drawn(still))


def green_of(picture: NDArray[np.int16]) -> int:
    return int(((picture[..., 1] > 120) & (picture[..., 0] < 80)).sum())


def test_a_floor_seen_at_a_low_angle_is_whole(still: Page) -> None:
    red = "(context) => { context.fillStyle = '#f00'; context.fillRect(0, 0, 320, 240); }"
    still.evaluate(f"put(320, 240, (x, y) => y > 0.62 ? 1.2 / (0.75 * (y - 0.5)) : 0, {red})")
    seen, _ = colours(drawn(still))
    assert seen[200:270, 60:-60].mean() > 0.99
    assert not seen[:150].any(), "holes are no points"


def test_keys_turn_it_and_home_puts_it_back(still: Page) -> None:
    still.evaluate(f"put(320, 240, (x) => x < 0.5 ? 1 : 2, {HALVES})")
    first = drawn(still)
    still.locator(".target").focus()
    seen = [first]
    for key in ("ArrowLeft", "ArrowDown", "+", "-"):
        still.keyboard.press(key)
        seen.append(drawn(still))
        assert (np.abs(seen[-1] - seen[-2]).max(axis=-1) > 60).mean() > 0.01, key
    still.keyboard.press("Home")
    assert np.array_equal(drawn(still), first)


def test_a_mouse_turns_it(still: Page) -> None:
    still.evaluate(f"put(320, 240, (x) => x < 0.5 ? 1 : 2, {HALVES})")
    first = drawn(still)
    still.mouse.move(200, 150)
    still.mouse.down()
    still.mouse.move(260, 150, steps=3)
    still.mouse.up()
    after = drawn(still)
    assert (np.abs(after - first).max(axis=-1) > 60).mean() > 0.02
    still.mouse.move(300, 100)
    assert np.array_equal(drawn(still), after), "let go, it stays"


def test_fingers_turn_it_and_two_of_them_come_nearer(still: Page) -> None:
    still.evaluate(f"put(320, 240, () => 2, {HALVES})")
    first = drawn(still)
    touch = still.context.new_cdp_session(still)

    def put(kind: str, *places: tuple[int, int]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    put("touchStart", (180, 150), (220, 150))
    put("touchMove", (190, 160), (230, 160))  # as far apart as before
    assert np.array_equal(drawn(still), first)
    put("touchMove", (150, 160), (270, 160))
    put("touchEnd")
    near = drawn(still)
    assert sum(map(np.sum, colours(near))) > 1.1 * sum(map(np.sum, colours(first))), "it fills the picture"
    put("touchStart", (100, 150))
    put("touchMove", (300, 150))
    put("touchEnd")
    assert sum(map(np.sum, colours(drawn(still)))) < 0.9 * sum(map(np.sum, colours(near))), "seen from aside"


def test_each_frame_takes_the_place_of_the_last(still: Page) -> None:
    for size, paint in (((320, 240), HALVES), ((160, 120), HALVES.replace("#f00", "#0f0"))):
        still.evaluate(f"put({size[0]}, {size[1]}, () => 2, {paint})")
        picture = drawn(still)
        left = picture[150, 100]
        assert left.argmax() == (0 if "#f00" in paint else 1)
    still.evaluate("cloud.show(null, [1, 1, 1, 1], null)")
    expect(still.locator(".cloud")).to_contain_class("empty")


def test_without_a_picture_points_have_the_colours_of_depth(still: Page) -> None:
    still.evaluate("put(320, 240, (x) => x < 0.5 ? 1 : 4, null)")
    picture = drawn(still)
    near, far = picture[150, 120].sum(), picture[150, 280].sum()
    assert near > far + 150, "near is light, far is dark"


def test_it_can_be_given_back_and_shown_again(still: Page) -> None:
    for _ in range(20):  # more than a browser has contexts
        still.evaluate(f"put(64, 48, () => 2, {HALVES})")
        expect(still.locator("canvas")).to_be_visible()
        still.evaluate("cloud.dispose()")
        expect(still.locator("canvas")).to_have_count(0)
    still.evaluate(f"put(64, 48, () => 2, {HALVES})")
    assert colours(drawn(still))[0].any()


def test_it_comes_back_with_the_graphics_driver(still: Page) -> None:
    still.evaluate(f"put(64, 48, () => 2, {HALVES})")
    first = drawn(still)
    still.evaluate(
        """async () => {
          const canvas = document.querySelector('canvas');
          const next = (name) => new Promise((done) => canvas.addEventListener(name, done, { once: true }));
          const driver = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
          const lost = next('webglcontextlost');
          driver.loseContext();
          await lost;
          await new Promise((done) => setTimeout(done)); // browsers give nothing back within the event itself
          const back = next('webglcontextrestored');
          driver.restoreContext();
          await back;
        }"""
    )
    assert np.array_equal(drawn(still), first)


def test_it_sways_until_it_is_touched_and_rests_while_hidden(browser: Browser, bundled: Bundled) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 400})
    page = context.new_page()
    page.add_script_tag(path=bundled("studio/cloud/point_cloud_view"))
    page.evaluate(
        """() => {
          window.draws = 0;
          const { prototype } = WebGL2RenderingContext, draw = prototype.drawArrays;
          prototype.drawArrays = function (...all) { window.draws++; draw.apply(this, all); };
        }"""
    )
    page.evaluate(ROOM)
    page.evaluate(f"put(64, 48, (x) => x < 0.5 ? 1 : 2, {HALVES})")
    page.wait_for_function("draws > 5")
    settled = """() => new Promise((done) => {
      let before = -1;
      (function look() { if (before === draws) done(); else { before = draws; setTimeout(look, 300); } })();
    })"""
    page.evaluate("cloud.element.style.display = 'none'")
    page.evaluate(settled)
    page.evaluate("cloud.element.style.display = ''")
    page.evaluate("window.draws = 0")
    page.wait_for_function("draws > 3")
    page.locator(".target").focus()
    page.keyboard.press("ArrowLeft")
    page.evaluate(settled)
    page.keyboard.press("Home")
    page.evaluate("window.draws = 0")
    page.wait_for_function("draws > 3")
    context.close()


def test_a_browser_without_webgl_is_told_so(browser: Browser, bundled: Bundled) -> None:
    page = browser.new_page()
    page.add_script_tag(path=bundled("studio/cloud/point_cloud_view"))
    page.evaluate(
        """() => {
          const { prototype } = HTMLCanvasElement, get = prototype.getContext;
          prototype.getContext = function (kind) { return kind === '2d' ? get.call(this, kind) : null; };
        }"""
    )
    page.evaluate(ROOM)
    page.evaluate(f"put(64, 48, () => 2, {HALVES})")
    expect(page.get_by_text("Points need WebGL 2")).to_be_visible()
    expect(page.get_by_role("application")).to_have_count(0)
    page.close()
