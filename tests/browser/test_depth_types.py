"""Raw and smooth depth of one device, each for the page that asked for it: `nearfar serve` and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from browser.ramp_camera import HEIGHT, WIDTH, ramp
from browser.serving import free_port, installed_ramp, serving

pytestmark = pytest.mark.browser

PAGES = Path(__file__).parent / "pages"
COLUMNS, ROWS = np.meshgrid(np.arange(1, WIDTH - 1, 9), [0, 20, HEIGHT - 2, HEIGHT - 1])
POINTS = np.stack([(COLUMNS.ravel() + 0.5) / WIDTH, (ROWS.ravel() + 0.5) / HEIGHT], 1).tolist()
RAW = np.nan_to_num(ramp())[ROWS, COLUMNS].ravel()
FORMAT = {"dataFormatPreference": ["float32"]}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of a ramp that leaves it to others to filter it."""
    environment = installed_ramp(tmp_path_factory.mktemp("installed"))
    with serving(PAGES, "ramp:?rough=1", port=free_port(), environment=environment) as address:
        yield address


def begin(page: Page, *types: str) -> Any:
    """Start a session; its depthType."""
    return page.evaluate(
        "(asked) => begin(asked).then(() => session.depthType)", FORMAT | {"depthTypeRequest": types}
    )


def metres(page: Page) -> Any:
    """What the next frame with depth has at `POINTS`."""
    return np.float32(page.evaluate("(points) => next(points)", POINTS)["metres"])


def is_smooth(found: Any) -> bool:
    """Filled where the device saw nothing; and nothing else is asked, as a filter may do as it likes."""
    return bool((found[RAW == 0] > 0).all())


def test_two_pages_get_each_their_own_type_at_the_same_time(page: Page, address: str) -> None:
    assert (RAW == 0).any()
    other = page.context.new_page()
    for each in (page, other):
        each.goto(f"{address}depth.html")
    assert begin(page, "raw") == "raw"
    assert begin(other, "smooth") == "smooth"
    for _ in range(5):
        np.testing.assert_array_equal(metres(page), RAW)
        assert is_smooth(metres(other))


@pytest.mark.parametrize(
    ("types", "agreed"), [([], None), (["raw", "smooth"], "raw"), (["smooth", "raw"], "smooth")]
)
def test_the_first_type_of_a_list_is_given_and_smooth_without_one(
    page: Page, address: str, types: list[str], agreed: str | None
) -> None:
    page.goto(f"{address}depth.html")
    assert begin(page, *types) == agreed
    found = metres(page)
    if agreed == "raw":
        np.testing.assert_array_equal(found, RAW)
    else:
        assert is_smooth(found)


def test_a_session_sees_nothing_of_the_type_that_the_one_before_had(page: Page, address: str) -> None:
    page.goto(f"{address}depth.html")
    for _ in range(8):
        begin(page, "smooth")
        assert is_smooth(metres(page))
        found = page.evaluate(
            """async ([points, asked]) => {
              await session.end();
              const first = next(points);
              await begin(asked);
              return (await first).metres;
            }""",
            [POINTS, FORMAT | {"depthTypeRequest": ["raw"]}],
        )
        np.testing.assert_array_equal(np.float32(found), RAW)
        page.evaluate("session.end()")
