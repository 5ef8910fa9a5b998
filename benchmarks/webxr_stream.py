"""From a device to `getDepthInMeters` in a page: a server and Chromium, both real, on this machine.

    stamped camera ── nearfar serve ── the stream ──▶ Chromium: XR frame ── getDepthInMeters ──▶ now - stamp

Both ends read the same clock; how well the page's agrees is asked before each run.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright

from benchmarks.measure import Row
from benchmarks.stamped_camera import COUNTED
from benchmarks.stamped_server import served

SECONDS = 6.0
WINDOW: ViewportSize = {"width": 640, "height": 480}
"""Software puts the window together: a larger one takes the cores that are to be measured."""
SETTLING = 2.0
SMALL = "width=256&height=192&fps=60"
LARGE = "width=640&height=480&fps=30"
FLAGS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
)
DECODING = {"ImageDecoder", "decode"}
"""The browser's functions that decode pictures and the text of headers, as its profiler calls them."""
PAGE = """<!doctype html><title>Latency</title><canvas id="canvas"></canvas><script>
const log = [];
async function begin(mode, format) {
  const session = await navigator.xr.requestSession(mode, {
    requiredFeatures: ['depth-sensing'],
    depthSensing: { usagePreference: ['cpu-optimized'], dataFormatPreference: [format] },
  });
  const gl = document.getElementById('canvas').getContext('webgl2');
  session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
  const space = await session.requestReferenceSpace('local');
  let last = 0;
  session.requestAnimationFrame(function draw(time, frame) {
    session.requestAnimationFrame(draw);
    const view = frame.getViewerPose(space)?.views[0];
    const info = view && frame.getDepthInformation(view);
    if (!info) return;
    const stamp = info.getDepthInMeters(0.25, 0.5);
    const now = performance.timeOrigin + performance.now();
    if (stamp !== last) log.push([now, stamp, info.getDepthInMeters(0.75, 0.5)]);
    last = stamp;
  });
}
</script>"""


def rows() -> list[Row]:
    """Latency of both streams, what the script costs, and its size."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return [Row("from a device to a page", "no Chromium here", "", "", "")]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        Path(folder, "pages").mkdir()
        Path(folder, "pages/index.html").write_text(PAGE)
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            small = _measured(
                browser.new_page(viewport=WINDOW), Path(folder), SMALL, "immersive-vr", "float32"
            )
            large = _measured(browser.new_page(viewport=WINDOW), Path(folder), LARGE, "immersive-ar")
            floats = _measured(
                browser.new_page(viewport=WINDOW), Path(folder), LARGE, "immersive-ar", "float32"
            )
        finally:
            browser.close()
    script = gzip.compress(_script().read_bytes(), 9)
    return [
        _latency("256×192 depth, 60 fps, device to getDepthInMeters", small, 8),
        _latency("640×480 depth and colour, 30 fps, device to getDepthInMeters", large, 25),
        _latency("… the same, where the page asks for float32", floats, 25),
        _cost("… of it, the script's time on the page's thread in a frame, 256×192", small),
        _cost("… the same, 640×480 with the picture", large),
        Row("nearfar-webxr.js, gzip", f"{len(script) / 1000:.1f} KB", "", "", "≤ 25 KB"),
    ]


def _latency(claim: str, found: dict[str, Any], bar: int) -> Row:
    middle, high = np.percentile(found["latencies"], (50, 95))
    ours = f"p50 {middle:.1f}, p95 {high:.1f} ms; {found['missed']} of {found['given']} missed"
    return Row(claim, ours, f"clocks ± {found['clocks']:.1f} ms", "", f"p95 ≤ {bar} ms, none missed")


def _cost(claim: str, found: dict[str, Any]) -> Row:
    own, decoding, aside = found["cost"]
    decoded = f"{decoding:.2f} ms to have it decoded, {aside:.2f} ms in its worker"
    return Row(claim, f"{own:.2f} ms; {decoded}", "", "", "≤ 1 ms without decoding")


def _measured(
    page: Page, folder: Path, options: str, mode: str, data_format: str = "luminance-alpha"
) -> dict[str, Any]:
    with served(folder, f"stamped:camera?{options}") as server:
        page.goto(server.url)
        page.evaluate("([mode, format]) => begin(mode, format)", [mode, data_format])
        page.wait_for_function("log.length > 10")
        page.wait_for_timeout(SETTLING * 1000)
        clocks = _clock_error(page)
        page.evaluate("log.length = 0")
        page.wait_for_timeout(SECONDS * 1000)
        log = np.array(page.evaluate("log.splice(0)"))
        cost = _script_cost(page)
    page.close()
    latencies = (log[:, 0] / 1000 - (log[:, 1] - 1)) % 60 * 1000
    steps = np.diff(log[:, 2]) % COUNTED
    missed, given = int((steps - 1).sum()), int(steps.sum()) + 1
    return {"latencies": latencies, "missed": missed, "given": given, "clocks": clocks, "cost": cost}


def _clock_error(page: Page) -> float:
    """By how many ms the page's clock may be off ours: half the shortest of some round trips."""
    trips = []
    for _ in range(20):
        start = time.time()
        there = page.evaluate("performance.timeOrigin + performance.now()") / 1000
        end = time.time()
        trips.append((end - start, abs(there - (start + end) / 2)))
    shortest, apart = min(trips)
    return (shortest / 2 + apart) * 1000


def _script_cost(page: Page) -> tuple[float, float, float]:
    """Milliseconds of the runtime's script in a frame, with what it calls: on the page's thread without and
    with what has pictures decoded, and in the worker that reads large frames, all of it.

    Pictures are decoded on other threads still; the calls that have it done are counted.
    """
    devtools: CDPSession = page.context.new_cdp_session(page)
    worker: list[str] = []
    answers: list[dict[str, Any]] = []
    devtools.on("Target.attachedToTarget", lambda event: worker.append(event["sessionId"]))
    devtools.on(
        "Target.receivedMessageFromTarget", lambda event: answers.append(json.loads(event["message"]))
    )
    devtools.send(
        "Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False}
    )

    def profiling(method: str, **parameters: int) -> dict[str, Any]:
        for session in worker:
            message = json.dumps({"id": 1, "method": f"Profiler.{method}", "params": parameters})
            devtools.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})
        return devtools.send(f"Profiler.{method}", parameters)

    profiling("enable")
    profiling("setSamplingInterval", interval=100)
    page.evaluate("log.length = 0")
    profiling("start")
    page.wait_for_timeout(SECONDS * 500)
    frames: int = page.evaluate("log.length")
    own, decoding = _spent(profiling("stop")["profile"])
    page.wait_for_timeout(500)  # for the worker's
    profiles = [found["result"]["profile"] for found in answers if "profile" in found.get("result", ())]
    aside = sum(sum(_spent(profile)) for profile in profiles)
    return own / frames, decoding / frames, aside / frames


def _spent(profile: dict[str, Any]) -> tuple[float, float]:
    """Milliseconds of the runtime's script without what decodes, and of that."""
    nodes = {node["id"]: node for node in profile["nodes"]}
    parent = {child: node["id"] for node in profile["nodes"] for child in node.get("children", ())}
    ours = decoding = 0
    for node, delta in zip(profile["samples"], profile["timeDeltas"], strict=True):
        called = set()  # of the browser's, by the nearest function that is JavaScript
        while node in parent and not nodes[node]["callFrame"]["url"]:
            called.add(nodes[node]["callFrame"]["functionName"])
            node = parent[node]
        if not nodes[node]["callFrame"]["url"].endswith("nearfar-webxr.js"):
            continue
        if called & DECODING:
            decoding += delta
        else:
            ours += delta
    return ours / 1000, decoding / 1000


def _script() -> Path:
    return Path(str(resources.files("nearfar.studio") / "static/nearfar-webxr.js"))
