"""The conformance vectors of WebXR depth: what every implementation of ours must give, as one JSON file.

    python -m nearfar.testing.xr_vectors web/webxr/conformance/vectors.json

Made with `nearfar.xr` on a `SimulatedDevice`; run by the tests of Python and of the browser runtime.

``views``, ``natives``, ``viewerPose``, ``depthNear``, ``depthFar``
    What devices have. Transforms have a position, an orientation and the matrix that these give; matrices are
    16 float32, column by column. ``data`` is base64, little-endian. A native's ``projectionMatrix`` or
    ``viewOffset`` is null where it is the view's.
``negotiation``
    ``init``, as a page passes it, against an entry of ``supports``, by its number (the first of each list
    is what the device prefers): the ``configuration``, or the ``error`` where depth is a required feature.
    ``errorIfOptional`` is that of an optional one; null: a session without depth.
``cpu``
    One session each. ``expected`` has, view by view in the space "local", what its information says, and
    ``points``: x, y, metres. ``data`` and ``points`` are equal bit by bit, ``transform`` to 1e-6.
``gpu``
    The same for textures. ``layout`` "linear": ``data`` is the texture of each view as it is uploaded, top
    row first. "window-space": ``layers`` are those of the one texture array, R32F, bottom row first, once
    all views were asked for; ``depthFar`` null stands for Infinity.
``misuse``
    See `nearfar.testing.xr_misuse.Misuse`. Sessions have the native ``misuseNative``, the views "mono" and
    the format luminance-alpha.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nearfar.testing.xr_cases import NATIVES, VIEWER_POSE, VIEWS, Case, cpu_cases, gpu_cases, points_of
from nearfar.testing.xr_misuse import MISUSES
from nearfar.xr import (
    DepthDataFormat,
    DepthStateInit,
    DepthSupport,
    DepthType,
    DepthUsage,
    NativeDepth,
    RigidTransform,
    SimulatedDevice,
    XRFrame,
    XRSession,
    XRView,
    request_session,
)
from nearfar.xr.device import DeviceView
from nearfar.xr.negotiation import find_supported_configuration
from nearfar.xr.render_state import RenderState
from nearfar.xr.view_depth import ViewDepth, view_depth
from nearfar.xr.window_space import window_space_layer

__all__ = ["MISUSE_NATIVE", "vectors", "written"]

MISUSE_NATIVE = "small luminance-alpha, beside, 90"


def written(document: dict[str, Any]) -> str:
    """The document as the file has it: keys sorted, an entry of a list or table to a line."""
    parts = []
    for key, value in sorted(document.items()):
        if isinstance(value, list):
            body = "[\n" + ",\n".join(f"    {_line(entry)}" for entry in value) + "\n  ]"
        elif isinstance(value, dict):
            lines = [f"    {json.dumps(name)}: {_line(entry)}" for name, entry in sorted(value.items())]
            body = "{\n" + ",\n".join(lines) + "\n  }"
        else:
            body = _line(value)
        parts.append(f'  "{key}": {body}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def vectors() -> dict[str, Any]:
    """The whole document."""
    return {
        "viewerPose": _transform(VIEWER_POSE),
        "depthNear": RenderState().depth_near,
        "depthFar": RenderState().depth_far,
        "views": {name: [_view(view) for view in views] for name, views in VIEWS.items()},
        "natives": {name: _native(native) for name, native in NATIVES.items()},
        "supports": [_support(support) for support in SUPPORTS],
        "negotiation": list(_negotiation()),
        "cpu": [_cpu(case, index) for index, case in enumerate(cpu_cases())],
        "gpu": [_gpu(case) for case in gpu_cases()],
        "misuse": [misuse.to_json() for misuse in MISUSES],
        "misuseNative": MISUSE_NATIVE,
    }


def _numbers(matrix: NDArray[np.float32]) -> list[float]:
    return [_number(value) for value in matrix]


def _number(value: float) -> float:
    """As short as can be: 1, not 1.0."""
    return int(value) if value == int(value) else float(value)


def _base64(values: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _transform(transform: RigidTransform) -> dict[str, Any]:
    return {
        "position": [_number(value) for value in transform.position],
        "orientation": [_number(value) for value in transform.orientation],
        "matrix": _numbers(transform.matrix),
    }


def _view(view: DeviceView) -> dict[str, Any]:
    field, planes = view.field_of_view, RenderState()
    return {
        "eye": view.eye,
        "fieldOfView": {"left": field.left, "right": field.right, "up": field.up, "down": field.down},
        "projectionMatrix": _numbers(field.projection(planes.depth_near, planes.depth_far)),
        "viewOffset": _transform(view.offset),
    }


def _native(native: NativeDepth) -> dict[str, Any]:
    return {
        "width": native.raw.shape[1],
        "height": native.raw.shape[0],
        "dataFormat": native.data_format,
        "rawValueToMeters": native.raw_value_to_meters,
        "data": _base64(native.raw),
        "normDepthBufferFromNormView": _transform(native.norm_depth_buffer_from_norm_view),
        "projectionMatrix": None if native.projection is None else _numbers(native.projection),
        "viewOffset": None if native.view_offset is None else _transform(native.view_offset),
    }


# Sessions


def _session(case: Case, usage: DepthUsage) -> XRSession:
    device = SimulatedDevice(VIEWS[case.views], gpu_layout=case.layout)
    device.set_depth(NATIVES[case.native])
    device.set_viewer_pose(VIEWER_POSE)
    return request_session(
        "immersive-ar",
        device=device,
        required_features=["depth-sensing"],
        depth_sensing=DepthStateInit([usage], [case.data_format], match_depth_view=case.match_depth_view),
    )


def _frame_and_views(session: XRSession) -> tuple[XRFrame, tuple[XRView, ...]]:
    frame = next(session.frames())
    pose = frame.get_viewer_pose(session.request_reference_space("local"))
    assert pose is not None  # it was set
    return frame, pose.views


def _asked(case: Case) -> dict[str, Any]:
    return {
        "name": case.name,
        "native": case.native,
        "views": case.views,
        "dataFormat": case.data_format,
        "matchDepthView": case.match_depth_view,
    }


def _cpu(case: Case, index: int) -> dict[str, Any]:
    expected = []
    with _session(case, DepthUsage.CPU_OPTIMIZED) as session:
        frame, views = _frame_and_views(session)
        for view in views:
            information = frame.get_depth_information(view)
            assert information is not None  # it was set
            place = information.norm_depth_buffer_from_norm_view
            points = points_of(information.width, information.height, _numbers(place.inverse.matrix), index)
            expected.append(
                {
                    "width": information.width,
                    "height": information.height,
                    "rawValueToMeters": information.raw_value_to_meters,
                    "normDepthBufferFromNormView": _numbers(place.matrix),
                    "projectionMatrix": _numbers(information.projection_matrix),
                    "transform": _numbers(information.transform.matrix),
                    "data": _base64(information.array),
                    "points": [[x, y, information.get_depth_in_meters(x, y)] for x, y in points],
                }
            )
    return {**_asked(case), "expected": expected}


def _gpu(case: Case) -> dict[str, Any]:
    with _session(case, DepthUsage.GPU_OPTIMIZED) as session:
        frame, views = _frame_and_views(session)
        assert session.depth_configuration is not None
        native = NATIVES[case.native]
        depths = [view_depth(native, view, session.depth_configuration) for view in views]
        asked = {**_asked(case), "profile": case.profile, "layout": case.layout}
        if case.layout == "linear":
            return {**asked, "expected": [_linear(depth) for depth in depths]}
        near = frame.render_state.depth_near
    layers = [
        window_space_layer(d.raw, d.raw_value_to_meters, d.norm_depth_buffer_from_norm_view, near)
        for d in depths
    ]
    expected = [
        {
            **_geometry(depth),
            "width": layer.shape[1],
            "height": layer.shape[0],
            "rawValueToMeters": 1.0,
            "normDepthBufferFromNormView": _numbers(RigidTransform().matrix),
            "textureType": "texture-array",
            "imageIndex": 1 if view.eye == "right" else 0,
            "depthNear": near,
            "depthFar": None,
            "isValid": True,
        }
        for view, depth, layer in zip(views, depths, layers, strict=True)
    ]
    return {**asked, "expected": expected, "layers": [_base64(layers[0]), _base64(layers[-1])]}


def _geometry(depth: ViewDepth) -> dict[str, Any]:
    return {
        "projectionMatrix": _numbers(depth.projection),
        "transform": _numbers(depth.transform.matrix),
    }


def _linear(depth: ViewDepth) -> dict[str, Any]:
    return {
        **_geometry(depth),
        "width": depth.raw.shape[1],
        "height": depth.raw.shape[0],
        "rawValueToMeters": depth.raw_value_to_meters,
        "normDepthBufferFromNormView": _numbers(depth.norm_depth_buffer_from_norm_view.matrix),
        "textureType": "texture",
        "imageIndex": None,
        "data": _base64(depth.raw),
    }


# Negotiation

CPU, GPU = DepthUsage
LUMINANCE, FLOAT, SHORT = DepthDataFormat
RAW, SMOOTH = DepthType
SUPPORTS = (
    DepthSupport(),
    DepthSupport((SMOOTH, RAW), (SHORT, FLOAT, LUMINANCE), (GPU, CPU)),
    DepthSupport((RAW,), (LUMINANCE,), (CPU,)),
    DepthSupport((SMOOTH,), (LUMINANCE, FLOAT), (GPU,)),
    DepthSupport((RAW,), (FLOAT, SHORT), (CPU, GPU)),
)
USAGES: tuple[tuple[DepthUsage, ...], ...] = ((), (CPU,), (GPU,), (CPU, GPU), (GPU, CPU))
FORMATS: tuple[tuple[DepthDataFormat, ...], ...] = (
    (),
    (LUMINANCE,),
    (FLOAT,),
    (SHORT,),
    (SHORT, LUMINANCE),
    (FLOAT, SHORT),
    (SHORT, FLOAT, LUMINANCE),
)
TYPES: tuple[tuple[DepthType, ...], ...] = ((), (RAW,), (SMOOTH,), (RAW, SMOOTH), (SMOOTH, RAW))
NO_INITS: tuple[Any, ...] = (
    {},
    {"usagePreference": ["cpu-optimized"]},
    {"dataFormatPreference": ["float32"]},
    {"usagePreference": None, "dataFormatPreference": ["float32"]},
    {"usagePreference": "cpu-optimized", "dataFormatPreference": ["float32"]},
    {"usagePreference": ["cpu"], "dataFormatPreference": ["float32"]},
    {"usagePreference": ["cpu-optimized"], "dataFormatPreference": ["float32", "float16"]},
    {"usagePreference": ["CPU-OPTIMIZED"], "dataFormatPreference": []},
    {"usagePreference": [], "dataFormatPreference": [], "depthTypeRequest": ["rough"]},
    {"usagePreference": [], "dataFormatPreference": [], "depthTypeRequest": None},
)


def _support(support: DepthSupport) -> dict[str, list[str]]:
    return {"types": list(support.types), "formats": list(support.formats), "usages": list(support.usages)}


def _negotiation() -> Iterator[dict[str, Any]]:
    yield _negotiated(None, 0, None, "NotSupportedError", None)
    for init in NO_INITS:
        yield _negotiated(init, 0, None, "TypeError", "TypeError")
    for index, (support, usages, formats) in enumerate(product(range(len(SUPPORTS)), USAGES, FORMATS)):
        types, match = TYPES[(index + index // 7) % len(TYPES)], index % 3 != 1
        init = DepthStateInit(usages, formats, types, match)
        found = find_supported_configuration(init, SUPPORTS[support])
        configuration = None
        if found is not None:
            configuration = {
                "usage": found.usage,
                "dataFormat": found.data_format,
                "type": found.type,
                "matchDepthView": found.match_depth_view,
            }
        asked = {
            "usagePreference": list(usages),
            "dataFormatPreference": list(formats),
            "depthTypeRequest": list(types),
            "matchDepthView": match,
        }
        yield _negotiated(asked, support, configuration, None if configuration else "NotSupportedError", None)


def _negotiated(
    init: object,
    support: int,
    configuration: dict[str, Any] | None,
    error: str | None,
    error_if_optional: str | None,
) -> dict[str, Any]:
    return {
        "init": init,
        "support": support,
        "configuration": configuration,
        "error": error,
        "errorIfOptional": error_if_optional,
    }


def _main(arguments: Iterable[str]) -> None:
    (out,) = arguments
    Path(out).write_text(written(vectors()), encoding="utf-8")


if __name__ == "__main__":
    _main(sys.argv[1:])
