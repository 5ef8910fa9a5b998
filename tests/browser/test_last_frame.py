"""A device that has come to its end, such as a take: what it gave last stands, for who asks later, too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from nearfar.studio import PageServer
from nearfar.xr import RigidTransform
from studio.hand_fed import HandFed, frame_of

pytestmark = pytest.mark.browser

READ = """async () => {
  const depthSensing = { usagePreference: ['cpu-optimized'], dataFormatPreference: ['unsigned-short'] };
  const session = await navigator.xr.requestSession('immersive-ar', {
    requiredFeatures: ['depth-sensing'], depthSensing,
  });
  const gl = document.querySelector('canvas').getContext('webgl2', { xrCompatible: true });
  session.updateRenderState({ baseLayer: new XRWebGLLayer(session, gl) });
  const space = await session.requestReferenceSpace('local');
  for (let count = 0; count < 300; count++) {
    const frame = await new Promise((next) => session.requestAnimationFrame((_, frame) => {
      const pose = frame.getViewerPose(space);
      const depth = pose && frame.getDepthInformation(pose.views[0]);
      next(depth && depth.getDepthInMeters(0.5, 0.5));
    }));
    if (frame !== null) return frame;
  }
  return null;
}"""


@pytest.fixture
def device() -> HandFed:
    return HandFed()


@pytest.fixture
def address(tmp_path: Path, device: HandFed) -> Iterator[str]:
    """A server of one page."""
    (tmp_path / "index.html").write_text("<!doctype html><title>A page</title><canvas></canvas>")
    server = PageServer(tmp_path, device, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server.url
    server.stop()
    thread.join()


def test_a_session_that_begins_after_the_last_frame_has_it(page: Page, address: str, device: HandFed) -> None:
    page.goto(address)
    assert page.evaluate("navigator.xr.isSessionSupported('immersive-ar')")
    with page.expect_console_message(lambda message: "come to its end" in message.text):
        device.give(replace(frame_of(2500), viewer_pose=RigidTransform()))
        device.end()
    assert page.evaluate(READ) == pytest.approx(2.5)
