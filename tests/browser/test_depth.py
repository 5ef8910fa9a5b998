"""Depth in a page, as the vectors have it that the Python model wrote: values, matrices, textures, errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "web/webxr/conformance/vectors.json").read_text(encoding="utf-8"))
HELP = [Path(__file__).with_name(name) for name in ("depth_page.js", "depth_vectors.js")]

pytestmark = pytest.mark.browser


@pytest.fixture
def xr(page: Page, scripts: Path) -> Page:
    """A page with the runtime ahead of it, and the vectors in it."""
    for script in (scripts / "nearfar-webxr.js", *HELP):
        page.add_init_script(path=script)
    page.route(
        "http://localhost/", lambda route: route.fulfill(body="<!DOCTYPE html>", content_type="text/html")
    )
    page.goto("http://localhost/")
    page.evaluate("(given) => { depthVectors.document = given; }", VECTORS)
    return page


def asked(xr: Page, what: str, cases: list[Any], *more: Any) -> list[Any]:
    """What comes of each case, one session after the other."""
    script = """async ([what, cases, more]) => {
      const found = [];
      for (const given of cases) found.push(await depthVectors[what](given, ...more));
      return found;
    }"""
    return list(xr.evaluate(script, [what, cases, more]))


def differing(cases: list[Any], found: list[Any], expected: list[Any]) -> dict[str, Any]:
    """What is not as it should be, by the case's name; transforms come by other sums, and are rounded."""
    return {
        str(case.get("name", case)): (got, wanted)
        for case, got, wanted in zip(cases, found, expected, strict=True)
        if rounded(got) != rounded(wanted)
    }


def rounded(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: rounded(entry, name) for name, entry in value.items()}
    if key == "transform":
        return [round(number, 5) + 0.0 for number in value]
    return [rounded(entry) for entry in value] if isinstance(value, list) else value


@pytest.mark.parametrize("part", range(4))
def test_values_and_matrices_are_those_of_python(xr: Page, part: int) -> None:
    cases = VECTORS["cpu"][part::4]
    assert not differing(cases, asked(xr, "cpu", cases), [case["expected"] for case in cases])


@pytest.mark.parametrize("profile", ["spec", "arcore", "quest"])
@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("kind", ["webgl", "webgl2"])
def test_textures_are_those_of_python(xr: Page, profile: str, part: int, kind: str) -> None:
    cases = [case for case in VECTORS["gpu"] if case["profile"] == profile][part::2]
    refused = [kind == "webgl" and not fits_webgl(case) for case in cases]
    expected = [
        "InvalidStateError" if no else {name: case[name] for name in ("expected", "layers") if name in case}
        for case, no in zip(cases, refused, strict=True)
    ]
    assert not differing(cases, asked(xr, "gpu", cases, kind), expected)


def fits_webgl(case: Any) -> bool:
    return case["layout"] == "linear" and case["dataFormat"] == "luminance-alpha"


@pytest.mark.parametrize("part", range(4))
def test_misuse_is_refused_as_in_python(xr: Page, part: int) -> None:
    cases = VECTORS["misuse"][part::4]
    expected = [{name: case[name] for name in ("error", "returnsNull")} for case in cases]
    assert not differing(cases, asked(xr, "misuse", cases), expected)


@pytest.mark.parametrize("part", range(2))
def test_sessions_get_what_python_agrees_on(xr: Page, part: int) -> None:
    cases = VECTORS["negotiation"][part::2]
    expected = []
    for case in cases:
        agreed = case["configuration"]
        known = agreed and {name: agreed[name] for name in ("usage", "dataFormat", "type")}
        wrong = case["errorIfOptional"]
        optional = None if wrong else known or False
        expected.append(
            {"configuration": known, "error": case["error"], "optional": optional, "errorIfOptional": wrong}
        )
    assert not differing(cases, asked(xr, "negotiated", cases), expected)
