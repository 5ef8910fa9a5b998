"""A device that throws: the page hears of it, and no session hangs half started or half ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HEAR = """
  const reported = [];
  addEventListener('error', event => { event.preventDefault(); reported.push(event.message); });
  const failing = name => ({ [name]() { throw new Error(name); } });
"""


@pytest.fixture
def hear(run: Callable[..., Any]) -> Callable[..., Any]:
    """As `run`, in a page that notes what is reported there."""
    return lambda body: run(HEAR + body)


def test_a_device_that_cannot_start_refuses_the_session(hear: Callable[..., Any]) -> None:
    """And the next one starts: the display is free, the inline session that rested goes on."""
    assert hear("""
      const inline = (await begin('inline')).session;
      const told = [], sessionEnded = () => told.push('ended');
      const device = fake({ ...failing('sessionStarted'), sessionEnded });
      hook.connect(device);
      const refused = await navigator.xr.requestSession('immersive-ar').catch(error => error);
      await frame(inline);
      delete device.sessionStarted;
      const { session } = await begin('immersive-ar');
      await frame(session);
      return [refused.name, refused.message.includes('sessionStarted'), told, reported];
    """) == ["NotSupportedError", True, ["ended"], ["Uncaught Error: sessionStarted"]]


def test_a_session_ends_though_its_device_cannot(hear: Callable[..., Any]) -> None:
    assert hear("""
      const inline = (await begin('inline')).session;
      hook.connect(fake(failing('sessionEnded')));
      const { session } = await begin('immersive-ar');
      const ended = next(session, 'end');
      await session.end();
      await ended;
      await frame(inline);
      return [inline.visibilityState, reported];
    """) == ["visible", ["Uncaught Error: sessionEnded"]]


def test_a_page_is_shown_though_its_device_shows_nothing(hear: Callable[..., Any]) -> None:
    assert hear("""
      hook.connect(fake(failing('surface')));
      const { session, canvas } = await begin('immersive-ar');
      await frame(session);
      const seen = document.elementFromPoint(320, 240) === canvas;
      await session.end();
      return [seen, document.querySelectorAll('[popover]').length, reported];
    """) == [True, 0, ["Uncaught Error: surface"]]
