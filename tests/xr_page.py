"""A page with both scripts put ahead of it, in which WebXR is what the fake device of the test says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

HARNESS = Path(__file__).parent / "browser/conformance.js"


class XRPage:
    """Runs JavaScript in a page that has the runtime, `navigator.xr.test` and the harness."""

    def __init__(self, page: Page, scripts: Path, context: str) -> None:
        self._page, self._context = page, context
        for script in (scripts / "nearfar-webxr.js", scripts / "nearfar-webxr-test.js", HARNESS):
            page.add_init_script(path=script)
        page.route(
            "http://localhost/", lambda route: route.fulfill(body="<!DOCTYPE html>", content_type="text/html")
        )
        page.goto("http://localhost/")

    def __call__(self, body: str, *values: Any) -> Any:
        """What the body of an async function returns. It sees what the harness defines, `gl` ("webgl" or
        "webgl2") and `values`. The device is gone afterwards."""
        script = f"""async ([gl, values]) => {{
            const late = new Promise((_, reject) => setTimeout(reject, 10_000, new Error("nothing came")));
            try {{ return await Promise.race([late, (async () => {{ {body} }})()]); }}
            finally {{ await navigator.xr.test.disconnectAllDevices(); }}
        }}"""
        return self._page.evaluate(script, [self._context, list(values)])
