"""The viewer of a fake device, its views and its floor are where a test puts them, from the next frame on."""

from __future__ import annotations

import pytest

from xr_page import XRPage

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("xr", ["webgl2"], indirect=True)]

LOCAL = "{ features: ['local-floor'], space: 'local' }"


def test_the_viewer_moves_is_lost_and_comes_back(xr: XRPage) -> None:
    body = f"""
    const {{ controller, inFrame }} = await opened(gl, {LOCAL}), seen = [];
    const look = () => inFrame((frame, views, pose) =>
      seen.push(pose && [pose.transform.position.y, pose.emulatedPosition]));
    await look();
    controller.setViewerOrigin({{ position: [0, 2, 0], orientation: [0, 0, 0, 1] }});
    await look();
    controller.setViewerOrigin(IDENTITY, true);
    await look();
    controller.clearViewerOrigin();
    await look();
    controller.setViewerOrigin({{ position: [0, 3, 0], orientation: [0, 0, 0, 1] }});
    await look();
    return seen;
    """
    assert xr(body) == [[0, False], [2, False], [0, True], None, [3, False]]


def test_nothing_moves_while_a_frame_runs(xr: XRPage) -> None:
    """The "next animation frame": a change inside a frame shows in the next."""
    body = f"""
    const device = phone({{ floorOrigin: {{ position: [0, -1, 0], orientation: [0, 0, 0, 1] }} }});
    const {{ controller, inFrame, reference, session }} = await opened(gl, {{ device, ...{LOCAL} }});
    const floor = await session.requestReferenceSpace('local-floor');
    const y = (frame) => frame.getPose(reference, floor).transform.position.y;
    const x = (frame) => frame.getViewerPose(reference).transform.position.x;
    const first = await inFrame((frame) => {{
      controller.setViewerOrigin({{ position: [4, 0, 0], orientation: [0, 0, 0, 1] }});
      controller.setViews(MONO);
      controller.setFloorOrigin({{ position: [0, -9, 0], orientation: [0, 0, 0, 1] }});
      return [x(frame), frame.getViewerPose(reference).views.length, y(frame)];
    }});
    return [first, await inFrame((frame, views) => [x(frame), views.length, y(frame)])];
    """
    assert xr(body) == [[0, 2, 1], [4, 1, 9]]


def test_a_viewer_that_is_not_tracked_is_known_to_itself(xr: XRPage) -> None:
    """Without viewerOrigin the device is not tracked: no pose in local space, but one in the viewer's own."""
    body = """
    const { session, inFrame } = await opened(gl, { device: phone({ viewerOrigin: undefined }) });
    const local = await session.requestReferenceSpace('local');
    const x = (view) => view.transform.position.x;
    return inFrame((frame, views) => [frame.getViewerPose(local), ...views.map(x)]);
    """
    assert xr(body) == [None, pytest.approx(-0.1), pytest.approx(0.1)]


def test_the_floor_and_its_bounds(xr: XRPage) -> None:
    body = """
    const floorOrigin = { position: [0, -1.25, 0], orientation: [0, 0, 0, 1] };
    const boundsCoordinates = [{ x: 1, z: 1 }, { x: 1, z: -1 }, { x: -1, z: 0 }];
    const device = phone({ floorOrigin, boundsCoordinates });
    const features = ['local-floor', 'bounded-floor'];
    const { controller, inFrame, session } = await opened(gl, { device, features, space: 'local-floor' });
    const height = () => inFrame((frame, views, pose) => pose.transform.position.y);
    const seen = [await height()];
    controller.setFloorOrigin({ position: [0, -2, 0], orientation: [0, 0, 0, 1] });
    seen.push(await height());
    controller.clearFloorOrigin();
    seen.push(await height() > 1);
    const room = await session.requestReferenceSpace('bounded-floor');
    const moved = room.getOffsetReferenceSpace(new XRRigidTransform({ x: 1 }));
    const corners = (space) => space.boundsGeometry.map(({ x, y, z, w }) => [x, y, z, w]);
    seen.push(corners(room), corners(moved), room.boundsGeometry === room.boundsGeometry);
    controller.setBoundsGeometry([{ x: 2 }, { z: 2 }, { x: -2, z: -2 }]);
    await height();
    seen.push(corners(room), corners(moved), thrown(() => controller.setBoundsGeometry([{ x: 0, z: 0 }])));
    return seen;
    """
    first, second = [[1, 0, 1, 1], [1, 0, -1, 1], [-1, 0, 0, 1]], [[2, 0, 0, 1], [0, 0, 2, 1], [-2, 0, -2, 1]]
    moved = [[[x - 1, *rest] for x, *rest in corners] for corners in (first, second)]
    assert xr(body) == [1.25, 2, True, first, moved[0], True, second, moved[1], "TypeError"]


def test_views_are_those_of_the_device(xr: XRPage) -> None:
    """A field of view follows the session's near and far; a matrix stays as it is."""
    body = """
    const fieldOfView = { upDegrees: 45, downDegrees: 45, leftDegrees: 45, rightDegrees: 45 };
    const device = phone({ views: [{ ...STEREO[0] }, { ...STEREO[1], fieldOfView }] });
    const { session, inFrame } = await opened(gl, { device });
    const look = () => inFrame((frame, views) => views.map(({ eye, projectionMatrix: m, transform: t }) =>
      [eye, t.position.x, m[0], m[10], m[14]]));
    const before = await look();
    session.updateRenderState({ depthNear: 1, depthFar: 3 });
    return [before, await look()];
    """
    left, right = pytest.approx(-0.1), pytest.approx(0.1)
    fixed = ["left", left, 1, -1, pytest.approx(-0.2)]
    near = ["right", right, pytest.approx(1), pytest.approx(-1.0002, abs=1e-4), pytest.approx(-0.2, abs=1e-4)]
    assert xr(body) == [[fixed, near], [fixed, ["right", right, pytest.approx(1), -2, -3]]]


def test_visibility_and_reset_are_told(xr: XRPage) -> None:
    body = """
    const { controller, session, inFrame } = await opened(gl), told = [];
    session.addEventListener('visibilitychange', () => told.push(session.visibilityState));
    const local = await session.requestReferenceSpace('local');
    const reset = new Promise((resolve) => local.addEventListener('reset', resolve));
    for (const state of ['visible-blurred', 'hidden', 'visible']) {
      controller.simulateVisibilityChange(state);
      await later();
    }
    await inFrame(() => 0);
    controller.simulateResetPose();
    const { referenceSpace, constructor } = await reset;
    const error = thrown(() => controller.simulateVisibilityChange('gone'));
    return [told, referenceSpace === local, constructor.name, error];
    """
    assert xr(body) == [["visible-blurred", "hidden", "visible"], True, "XRReferenceSpaceEvent", "TypeError"]
