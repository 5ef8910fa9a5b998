"""The rooms of depth sensing in the browser, one by one, against their twins in Python."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nearfar.xr.formats import converted
from nearfar.xr.negotiation import (
    DepthDataFormat,
    DepthStateInit,
    DepthSupport,
    DepthType,
    DepthUsage,
    find_supported_configuration,
)

pytestmark = pytest.mark.browser


def lists(values: Iterable[str], least: int) -> list[tuple[str, ...]]:
    """Every list without repetition, in every order."""
    known = [str(value) for value in values]
    return [found for count in range(least, len(known) + 1) for found in permutations(known, count)]


def test_every_preference_meets_every_device(page: Page, bundled: Callable[[str], Path]) -> None:
    inits = list(product(lists(DepthUsage, 0), lists(DepthDataFormat, 0), lists(DepthType, 0), (True, False)))
    supports = list(product(lists(DepthType, 1), lists(DepthDataFormat, 1), lists(DepthUsage, 1)))
    page.add_script_tag(path=bundled("depth/negotiation"))
    found = page.evaluate(
        """([inits, supports]) => supports.map(([types, formats, usages]) => inits.map(
          ([usagePreference, dataFormatPreference, depthTypeRequest, matchDepthView]) => {
            const init = { usagePreference, dataFormatPreference, depthTypeRequest, matchDepthView };
            const agreed = room.findSupportedConfiguration(init, { types, formats, usages });
            return agreed && [agreed.usage, agreed.dataFormat, agreed.type, agreed.matchDepthView].join();
          }))""",
        [inits, supports],
    )
    asked = [DepthStateInit(*init) for init in inits]
    assert found == [
        [agreed_on(find_supported_configuration(init, DepthSupport(*support))) for init in asked]
        for support in supports
    ]


def agreed_on(agreed: Any) -> str | None:
    if agreed is None:
        return None
    match = "true" if agreed.match_depth_view else "false"
    return f"{agreed.usage},{agreed.data_format},{agreed.type or ''},{match}"


INIT = """depthSensing => {
  try { return room.toDepthInit(depthSensing) ?? 'none'; } catch (error) { return error.name; }
}"""


@pytest.fixture
def init(page: Page, bundled: Callable[[str], Path]) -> Callable[[str], Any]:
    """What becomes of a dictionary, given as JavaScript; or the name of the error."""
    page.add_script_tag(path=bundled("depth/init"))
    return lambda given: page.evaluate(f"({INIT})({given})")


def test_a_dictionary_is_converted_as_web_idl_does(init: Callable[[str], Any]) -> None:
    plain = {
        "usagePreference": [],
        "dataFormatPreference": [],
        "depthTypeRequest": [],
        "matchDepthView": True,
    }
    assert init("undefined") == "none"
    assert init("{ usagePreference: [], dataFormatPreference: new Set() }") == plain
    assert init("{ usagePreference: [], formatPreference: [], matchDepthView: undefined }") == plain
    assert init("{ usagePreference: [], dataFormatPreference: [], formatPreference: 1 }") == plain
    assert init("{ usagePreference: [], dataFormatPreference: [], matchDepthView: 0 }") == {
        **plain,
        "matchDepthView": False,
    }
    given = "{ usagePreference: [{ toString: () => 'cpu-optimized' }], dataFormatPreference: ['float32'] }"
    assert init(given) == {
        **plain,
        "usagePreference": ["cpu-optimized"],
        "dataFormatPreference": ["float32"],
    }


@pytest.mark.parametrize(
    "given",
    [
        "null",
        "{}",
        "'cpu-optimized'",
        "{ usagePreference: [] }",
        "{ dataFormatPreference: [] }",
        "{ usagePreference: [], dataFormatPreference: null, formatPreference: [] }",
        "{ usagePreference: [], dataFormatPreference: 'float32' }",
        "{ usagePreference: [], dataFormatPreference: ['float16'] }",
        "{ usagePreference: [], dataFormatPreference: [Symbol()] }",
        "{ usagePreference: ['cpu'], dataFormatPreference: [] }",
        "{ usagePreference: [], dataFormatPreference: [], depthTypeRequest: ['rough'] }",
        "{ usagePreference: [], dataFormatPreference: [], depthTypeRequest: null }",
    ],
)
def test_a_dictionary_of_the_wrong_shape_is_a_type_error(init: Callable[[str], Any], given: str) -> None:
    assert init(given) == "TypeError"


def test_members_are_read_in_the_order_of_their_names(init: Callable[[str], Any], page: Page) -> None:
    init("""new Proxy({}, { get: (_, name) => {
      (globalThis.read ??= []).push(name);
      return name === 'matchDepthView' ? 1 : [];
    } })""")
    assert page.evaluate("read") == [
        "dataFormatPreference",
        "depthTypeRequest",
        "matchDepthView",
        "usagePreference",
    ]


@pytest.mark.parametrize("wanted", DepthDataFormat)
@pytest.mark.parametrize("given", DepthDataFormat)
@pytest.mark.parametrize("scale", [0.001, 1.0, 0.1])
def test_formats_become_each_other_as_in_python(
    page: Page, bundled: Callable[[str], Path], given: DepthDataFormat, wanted: DepthDataFormat, scale: float
) -> None:
    if given == DepthDataFormat.FLOAT32:
        special = [
            0.0,
            -1.0,
            np.nan,
            np.inf,
            -np.inf,
            1e-30,
            3e38,
            0.0005,
            0.00049999,
            65.5349,
            65.5355,
            0.0015,
        ]
        random = np.random.default_rng(2).uniform(0, 70, 3000) / scale
        raw = np.concatenate([special, random]).astype("<f4")[None, :]
    else:
        raw = np.arange(65536, dtype="<u2")[None, :]
    page.add_script_tag(path=bundled("depth/conversion"))
    found = page.evaluate(
        """([text, float, scale, wanted]) => {
          const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const samples = new (float ? Float32Array : Uint16Array)(bytes.buffer);
          const made = room.converted(samples, scale, wanted);
          let out = '';
          for (const byte of new Uint8Array(made.samples.buffer)) out += String.fromCharCode(byte);
          return [btoa(out), made.rawValueToMeters, made.samples === samples];
        }""",
        [base64.b64encode(raw.tobytes()).decode(), given == DepthDataFormat.FLOAT32, scale, wanted],
    )
    expected, expected_scale = converted(raw, given, wanted, float(np.float32(scale)))
    assert base64.b64decode(found[0]) == expected.tobytes()
    assert found[1:] == [expected_scale, expected is raw]
