"""Where the viewer, its views and the origins of spaces are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_spaces_say_where_the_viewer_is(run: Callable[..., Any]) -> None:
    assert run("""
      const { session } = await begin('immersive-ar', { init: { requiredFeatures: ['bounded-floor'] } });
      const at = type => session.requestReferenceSpace(type);
      const [viewer, local, floor] = [await at('viewer'), await at('local'), await at('bounded-floor')];
      const moved = floor.getOffsetReferenceSpace(new XRRigidTransform({ x: 1 }, { y: 1, w: 1 }));
      return within(session, frame => {
        const point = ({ x, y, z }) => [x, y, z].map(v => +v.toFixed(5) + 0);
        const place = space => point(frame.getViewerPose(space).transform.position);
        return {
          viewer: place(viewer), local: place(local), floor: place(floor), moved: place(moved),
          back: point(frame.getPose(local, viewer).transform.position),
          bounds: floor.boundsGeometry.map(point), movedBounds: moved.boundsGeometry.map(point),
          kinds: [moved instanceof XRBoundedReferenceSpace, local instanceof XRBoundedReferenceSpace],
        };
      });
    """) == {
        "viewer": [0, 0, 0],
        "local": [1, 2, 3],
        "floor": [1, 3.25, 3],
        "moved": [-3, 3.25, 0],
        "back": [-1, -2, -3],
        "bounds": [[1, 0, 1], [1, 0, -1], [-1, 0, -1]],
        "movedBounds": [[-1, 0, 0], [1, 0, 0], [1, 0, -2]],
        "kinds": [True, False],
    }


def test_views_are_the_devices(run: Callable[..., Any]) -> None:
    assert run("""
      const views = [view('left', -0.03), view('right', 0.03)];
      hook.connect(fake({ current: { ...fake().current, views } }));
      const { session, baseLayer } = await begin('immersive-ar');
      const space = await session.requestReferenceSpace('local');
      session.updateRenderState({ depthNear: 0.25, depthFar: 4 });
      const half = baseLayer.framebufferWidth / 2;
      return within(session, frame => frame.getViewerPose(space).views.map(view => {
        const { x, y, width, height } = baseLayer.getViewport(view);
        return [view.eye, view.index, +view.transform.position.x.toFixed(4),
          [...view.projectionMatrix].map(v => +v.toFixed(4)),
          x / half, y, width / half, height === baseLayer.framebufferHeight];
      }));
    """) == [
        [eye, index, x, [1, 0, 0, 0, 0, 1.3333, 0, 0, 0, 0, -1.1333, -1, 0, 0, -0.5333, 0], index, 0, 1, True]
        for index, (eye, x) in enumerate([("left", 0.97), ("right", 1.03)])
    ]


def test_a_frame_that_is_over_tells_nothing(run: Callable[..., Any]) -> None:
    assert run("""
      const { session, baseLayer } = await begin('immersive-ar');
      const other = (await begin('inline')).session;
      const space = await session.requestReferenceSpace('local');
      const foreign = await other.requestReferenceSpace('viewer');
      let view;
      const [, old] = await new Promise(done => session.requestAnimationFrame((time, frame) => {
        view = frame.getViewerPose(space).views[0];
        done([time, frame]);
      }));
      return [await nameOf(() => old.getViewerPose(space)), await nameOf(() => old.getPose(space, space)),
        await nameOf(() => baseLayer.getViewport(view)), view.eye,
        await within(session, async frame => [await nameOf(() => frame.getViewerPose(foreign)),
          await nameOf(() => frame.getViewerPose({})), await nameOf(() => frame.getViewerPose())])];
    """) == ["InvalidStateError"] * 3 + ["none", ["InvalidStateError", "TypeError", "TypeError"]]


def test_a_viewer_that_is_not_tracked_has_no_pose(run: Callable[..., Any]) -> None:
    assert run("""
      const device = fake();
      hook.connect(device);
      const { session } = await begin('immersive-ar');
      const space = await session.requestReferenceSpace('local');
      const before = await within(session, frame => frame.getViewerPose(space).emulatedPosition);
      device.current = { ...device.current, viewer: null };
      const lost = await within(session, frame => frame.getViewerPose(space));
      device.current = { ...device.current, viewer: identity(), emulatedPosition: true };
      return [before, lost, await within(session, frame => frame.getViewerPose(space).emulatedPosition)];
    """) == [False, None, True]


def test_rigid_transforms_invert_and_refuse_nonsense(run: Callable[..., Any]) -> None:
    assert run("""
      const turned = new XRRigidTransform({ x: 1, y: 2, z: 3 }, { x: 0, y: 2, z: 0, w: 2 });
      const { inverse } = turned, dom = ({ matrix }) => new DOMMatrix([...matrix]);
      const product = dom(turned).multiply(dom(inverse));
      const refused = [[{ w: 2 }], [{ x: NaN }], [{}, { x: 0, y: 0, z: 0, w: 0 }], [1]];
      return [turned.inverse === inverse, inverse.inverse === turned, turned.matrix === turned.matrix,
        [...product.toFloat32Array()].map(v => Math.round(v * 1e5) / 1e5 + 0),
        +turned.orientation.y.toFixed(5),
        await Promise.all(refused.map(values => nameOf(() => new XRRigidTransform(...values))))];
    """) == [
        True,
        True,
        True,
        [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        0.70711,
        ["TypeError", "TypeError", "InvalidStateError", "TypeError"],
    ]
