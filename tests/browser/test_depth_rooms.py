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

from nearfar.xr import RigidTransform
from nearfar.xr.formats import converted
from nearfar.xr.negotiation import (
    DepthDataFormat,
    DepthStateInit,
    DepthSupport,
    DepthType,
    DepthUsage,
    find_supported_configuration,
)
from nearfar.xr.profiles import PROFILES
from nearfar.xr.projection import FieldOfView
from nearfar.xr.reprojection import motion_between, reprojected
from nearfar.xr.window_space import window_space_layer

PAGE = Path(__file__).with_name("depth_page.js")
HALF = float(np.sqrt(0.5))
TURNS = {
    0: RigidTransform(),
    90: RigidTransform((1, 0, 0), (0, 0, HALF, HALF)),
    180: RigidTransform((1, 1, 0), (0, 0, 1, 0)),
    270: RigidTransform((0, 1, 0), (0, 0, -HALF, HALF)),
}

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
    page.add_script_tag(path=PAGE)
    found = page.evaluate(
        """([raw, format, scale, wanted]) => {
          const samples = depthPage.samples(raw, format);
          const made = room.converted(samples, scale, wanted);
          return [depthPage.text(made.samples), made.rawValueToMeters, made.samples === samples];
        }""",
        [text(raw), given, scale, wanted],
    )
    expected, expected_scale = converted(raw, given, wanted, float(np.float32(scale)))
    assert found == [text(expected), expected_scale, expected is raw]


def text(array: np.ndarray[Any, Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def room(
    size: tuple[int, int], data_format: DepthDataFormat, seed: int
) -> tuple[np.ndarray[Any, Any], float]:
    """A wavy ball before a wall, some noise, some holes: raw values and their scale."""
    width, height = size
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    ball = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2
    metres = np.where(ball, 1.0 + 0.3 * np.sin(x / 5), 3.0 + x / width)
    metres += random.choice([0.0, 0.02, 1.0], metres.shape, p=[0.5, 0.4, 0.1]) * random.random(metres.shape)
    metres[random.random(metres.shape) < 0.1] = 0.0
    if data_format == DepthDataFormat.FLOAT32:
        return metres.astype("<f4"), 1.0
    return (metres * 1000.0).astype("<u2"), float(np.float32(0.001))


PLACES = [
    None,
    RigidTransform((0.05, 0.02, 0.0)),
    RigidTransform((0.1, 0.0, 0.3), (0.05, 0.1, 0.15, 0.98)),
    RigidTransform((0.0, 0.0, 0.0), (0.0, 0.96, 0.0, 0.26)),
]


@pytest.mark.parametrize("data_format", [DepthDataFormat.UNSIGNED_SHORT, DepthDataFormat.FLOAT32])
@pytest.mark.parametrize("size", [(64, 48), (33, 70)])
@pytest.mark.parametrize("turn", TURNS)
def test_a_view_sees_what_it_sees_in_python(
    page: Page,
    bundled: Callable[[str], Path],
    size: tuple[int, int],
    data_format: DepthDataFormat,
    turn: int,
) -> None:
    view_projection = FieldOfView(0.6, 0.6, 0.45, 0.45).projection(0.1, 1000.0)
    sensor_projection = FieldOfView(0.5, 0.7, 0.4, 0.5).projection(0.1, 1000.0)
    viewer_from_view = RigidTransform((0.03, 0.0, 0.0), (0.0, -0.1, 0.0, 0.99))
    norm = TURNS[turn]
    raw, scale = room(size, data_format, turn)
    page.add_script_tag(path=bundled("depth/reprojection"))
    page.add_script_tag(path=PAGE)
    for place, projection in product(PLACES, (None, sensor_projection)):
        matrix = None if place is None else place.matrix
        found = page.evaluate(
            """([raw, view, viewerFromView, native]) => {
              for (const name of ['normDepthBufferFromNormView', 'projection', 'viewerFromSensor'])
                native[name] &&= new Float32Array(native[name]);
              native.bytes = depthPage.bytes(raw);
              const floats = [view, viewerFromView].map((numbers) => new Float32Array(numbers));
              return depthPage.text(room.reprojected(native, ...floats));
            }""",
            [
                text(raw),
                view_projection.tolist(),
                viewer_from_view.matrix.tolist(),
                {
                    "format": data_format,
                    "width": size[0],
                    "height": size[1],
                    "rawValueToMeters": scale,
                    "normDepthBufferFromNormView": norm.matrix.tolist(),
                    "projection": None if projection is None else projection.tolist(),
                    "viewerFromSensor": None if matrix is None else matrix.tolist(),
                },
            ],
        )
        sensor = view_projection if projection is None else projection
        motion = motion_between(size, norm.matrix, sensor, view_projection, matrix, viewer_from_view.matrix)
        assert found == text(reprojected(raw, scale, motion))


@pytest.mark.parametrize("data_format", [DepthDataFormat.UNSIGNED_SHORT, DepthDataFormat.FLOAT32])
@pytest.mark.parametrize("turn", TURNS)
def test_window_space_is_that_of_python(
    page: Page, bundled: Callable[[str], Path], data_format: DepthDataFormat, turn: int
) -> None:
    raw, scale = room((37, 21), data_format, turn)
    page.add_script_tag(path=bundled("depth/window_space"))
    page.add_script_tag(path=PAGE)
    for near in (0.1, 1.5):
        found = page.evaluate(
            """([raw, format, norm, rawValueToMeters, near]) => {
              const normDepthBufferFromNormView = new Float32Array(norm);
              const native = { width: 37, height: 21, normDepthBufferFromNormView };
              const picture = { native, samples: depthPage.samples(raw, format), rawValueToMeters };
              const { width, height, values } = room.windowSpace(picture, near);
              return [width, height, depthPage.text(values)];
            }""",
            [text(raw), data_format, TURNS[turn].matrix.tolist(), scale, near],
        )
        expected = window_space_layer(raw, scale, TURNS[turn], near)
        assert found == [expected.shape[1], expected.shape[0], text(expected)]


@pytest.mark.parametrize(
    ("kind", "data_format"),
    [("webgl", DepthDataFormat.LUMINANCE_ALPHA), *product(["webgl2"], DepthDataFormat)],
)
def test_a_texture_holds_each_picture_and_stays_the_same(
    page: Page, bundled: Callable[[str], Path], kind: str, data_format: DepthDataFormat
) -> None:
    pictures = [
        (*size, text(room(size, data_format, k)[0])) for k, size in enumerate([(7, 5), (7, 5), (3, 9)])
    ]
    page.add_script_tag(path=bundled("depth/depth_textures"))
    page.add_script_tag(path=PAGE)
    found = page.evaluate(
        """([kind, format, pictures]) => {
          const gl = depthPage.context(kind), seen = new Set();
          const textures = new room.DepthTextures(gl, format);
          return [pictures.map(([width, height, raw]) => {
            const picture = { native: { width, height }, samples: depthPage.samples(raw, format) };
            const texture = textures.flat('none', picture);
            seen.add(texture);
            return depthPage.text(depthPage.texels(gl, texture, format, width, height));
          }), seen.size];
        }""",
        [kind, data_format, pictures],
    )
    assert found == [[raw for _, _, raw in pictures], 1]


def test_profiles_are_those_of_python(page: Page, bundled: Callable[[str], Path]) -> None:
    page.add_script_tag(path=bundled("device/profiles"))
    assert page.evaluate("room.PROFILES") == {
        name: {
            "modes": list(profile.modes),
            "depthSupport": {
                "types": list(profile.depth_support.types),
                "formats": list(profile.depth_support.formats),
                "usages": list(profile.depth_support.usages),
            },
            "gpu": profile.gpu_layout,
        }
        for name, profile in PROFILES.items()
    }
