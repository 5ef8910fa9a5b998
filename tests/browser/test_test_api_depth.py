"""The depth of a fake device: what it can do, and the buffers that a test gives it."""

from __future__ import annotations

from typing import Any

import pytest

from xr_page import XRPage

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("xr", ["webgl2"], indirect=True)]


@pytest.mark.parametrize(
    "data",
    [
        "new Uint16Array([1, 2, 3, 4])",
        "new Uint16Array([1, 2, 3, 4]).buffer",
        "new Uint8Array([1, 0, 2, 0, 3, 0, 4, 0])",
        "new Uint16Array([9, 9, 1, 2, 3, 4, 9]).subarray(2, 6)",
        "new DataView(new Uint8Array([9, 1, 0, 2, 0, 3, 0, 4, 0]).buffer, 1)",
    ],
)
def test_depth_comes_as_a_buffer_or_any_part_of_one(xr: XRPage, data: str) -> None:
    body = f"""
    const depthData = {data};
    const {{ inFrame, get }} = await sensing(gl, 'cpu', {{ data: {{ depthData, width: 2, height: 2 }} }});
    new Uint8Array(depthData.buffer ?? depthData).fill(0); // ours by now
    return inFrame((frame, [view]) => [...new Uint16Array(get(frame, view).data)]);
    """
    assert xr(body) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "change",
    [
        "{ depthData: null }",
        "{ depthData: undefined }",
        "{ depthData: [1, 2] }",
        "{ depthData: new Uint16Array(11) }",
        "{ depthFormat: 'float16' }",
        "{ width: undefined }",
        "{ rawValueToMeters: NaN }",
        "{ normDepthBufferFromNormView: undefined }",
        "{ normDepthBufferFromNormView: { position: [0, 0], orientation: [0, 0, 0, 1] } }",
        "{ projectionMatrix: [1, 2, 3] }",
        "{ viewOffset: {} }",
    ],
)
def test_depth_of_the_wrong_shape_is_refused(xr: XRPage, change: str) -> None:
    """setDepthSensingData(): TypeError, and what was there stays."""
    body = f"""
    const {{ controller, inFrame, get }} = await sensing(gl, 'cpu');
    const error = thrown(() => controller.setDepthSensingData({{ ...depth(), ...{change} }}));
    return [error, await inFrame((frame, [view]) => get(frame, view) !== null)];
    """
    assert xr(body) == ["TypeError", True]


@pytest.mark.parametrize("support", [{}, {"depthTypes": [], "depthFormats": [], "depthUsages": []}])
def test_what_the_device_does_not_limit_is_all_there(xr: XRPage, support: dict[str, Any]) -> None:
    """depthSupport: a list that is missing or empty stands for everything."""
    body = """
    const device = phone({ depthSupport: values[0] }), found = [];
    for (const usage of ['cpu-optimized', 'gpu-optimized'])
      for (const format of ['luminance-alpha', 'float32', 'unsigned-short'])
        for (const type of ['raw', 'smooth']) {
          const lists = { usagePreference: [usage], dataFormatPreference: [format] };
          const depthSensing = { ...lists, depthTypeRequest: [type] };
          const { session } = await opened(gl, { device, depthSensing });
          const { depthUsage, depthDataFormat, depthType } = session;
          found.push([depthUsage === usage, depthDataFormat === format, depthType === type]);
          await session.end();
        }
    return found.flat().every(Boolean) && found.length;
    """
    assert xr(body, support) == 12
