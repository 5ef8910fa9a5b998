"""What is rendered is what geometry says."""

from __future__ import annotations

import numpy as np
import pytest

import nearfar as nf
from nearfar import scene as scenes
from nearfar.depth import Calibration, Pose
from reference.settings import everywhere
from scene.made import CAMERA, DOWN, globe, rig, textured, wall


def test_a_wall_has_the_depth_of_its_plane() -> None:
    for slope in (0.0, 0.4, -0.7):
        seen = scenes.render(wall(2.0, slope), CAMERA)
        x = CAMERA.rays()[..., 0].astype(np.float64)
        # The wall is z = -2 + slope·x in the world, and the camera's z is the world's -z.
        truth = 2.0 / (1.0 + slope * x)
        assert np.abs(seen.depth / truth - 1).max() < 1e-6
        normal = np.array((-slope, 0.0, -1.0)) / np.hypot(slope, 1.0)
        assert np.abs(seen.normals - normal).max() < 1e-5
        assert (seen.ids == 0).all()
        assert scenes.render(wall(2.0, slope), CAMERA).color.shape == (120, 160, 3)


def test_a_ball_has_the_depth_and_normals_of_a_sphere() -> None:
    seen = scenes.render(globe(0.5, 2.0, 512), CAMERA)
    rays = CAMERA.rays().astype(np.float64)
    square = (rays * rays).sum(axis=-1)
    inside = 4.0 - square * (4.0 - 0.25)
    hit = inside > 0.02
    truth = (2.0 - np.sqrt(np.where(hit, inside, 0.0))) / square
    # The ball is made of flat faces, which lie below the sphere by up to r·(1 - cos(pi/512)).
    assert np.abs(seen.depth - truth)[hit].max() < 1e-4
    normals = (rays * truth[..., np.newaxis] - (0, 0, 2.0)) / 0.5
    assert np.abs(seen.normals - normals)[hit].max() < 5e-3
    nothing = inside < -0.02
    assert np.isposinf(seen.depth[nothing]).all()
    assert (seen.ids[nothing] == -1).all()
    assert not seen.normals[nothing].any()


def test_the_shift_of_a_wall_is_focal_length_times_baseline_over_depth() -> None:
    camera = CAMERA.replace(intrinsics=CAMERA.intrinsics + np.array([[0, 0, 3.0], [0, 0, 0], [0, 0, 0]]))
    cameras = nf.StereoRig(CAMERA, camera.replace(pose=Pose(np.eye(3), (0.1, 0.0, 0.0))))
    found = scenes.render_pair(wall(2.0), cameras)
    assert found.shift is not None
    assert found.occluded is not None
    assert np.abs(found.shift - (CAMERA.fx * 0.1 / 2.0 - cameras.doffs)).max() < 1e-3
    shift = CAMERA.fx * 0.05 - 3.0
    assert np.array_equal(found.occluded, np.broadcast_to(np.arange(160) + 0.5 < shift, (120, 160)))


def test_matched_pixels_have_the_same_colour() -> None:
    found = scenes.render_pair(wall(2.0, 0.3, textured()), rig(0.12))
    assert found.shift is not None
    assert found.occluded is not None
    x = np.arange(160) - found.shift
    left = np.clip(np.floor(x).astype(int), 0, 158)
    share = (x - left)[..., np.newaxis]
    rows = np.arange(120)[:, np.newaxis]
    right = found.right.color.astype(float)
    there = right[rows, left] * (1 - share) + right[rows, left + 1] * share
    seen = ~found.occluded
    assert np.abs(there - found.left.color)[seen].mean() < 2.0


def test_a_ball_hides_what_is_behind_it() -> None:
    from nearfar.scene.building import Builder
    from nearfar.scene.surfaces import ball, patch
    from nearfar.scene.values import Material, Sky

    builder = Builder(Sky())
    builder.add("wall", patch((-4, -4, -3), (8, 0, 0), (0, 8, 0)), Material((0.5, 0.5, 0.5)))
    builder.add("ball", ball(0.3, segments=128).moved(0, 0, -1.5), Material((0.5, 0.2, 0.2)))
    found = scenes.render_pair(builder.finish("two", DOWN), rig(0.2))
    assert found.occluded is not None
    assert found.shift is not None
    back = found.left.ids == 0
    # A point of the wall is hidden when the line from the right camera to it passes the ball.
    points = CAMERA.rays().astype(np.float64) * found.left.depth[..., np.newaxis].astype(np.float64)
    start, centre = np.array((0.2, 0.0, 0.0)), np.array((0.0, 0.0, 1.5))
    way = points - start
    along = ((centre - start) * way).sum(-1) / (way * way).sum(-1)
    distance = np.linalg.norm(start + way * along[..., np.newaxis] - centre, axis=-1)
    clear = np.abs(distance - 0.3) > 2e-3
    in_view = found.shift < np.arange(160) + 0.5
    assert np.array_equal(found.occluded[back & clear & in_view], (distance < 0.3)[back & clear & in_view])
    assert 0.01 < found.occluded[back].mean() < 0.5


def test_the_same_picture_comes_from_any_number_of_threads() -> None:
    room = scenes.load("room")
    camera = Calibration.from_field_of_view(1.1, (96, 72))
    noise = scenes.SensorNoise()

    def everything() -> np.ndarray:
        seen = scenes.render(room, camera, time=0.4, samples=3, noise=noise, seed=5)
        return np.concatenate(
            [seen.color.ravel(), seen.depth.ravel(), seen.normals.ravel(), seen.ids.ravel()]
        )

    everywhere(everything)


@pytest.mark.parametrize("bend", [0.0, -0.12])
@pytest.mark.parametrize("noise", [None, scenes.SensorNoise()])
def test_the_colour_alone_has_the_same_bits(bend: float, noise: scenes.SensorNoise | None) -> None:
    lens = nf.BrownConrady(k1=bend) if bend else None
    camera = Calibration.from_field_of_view(1.1, (160, 120)).cropped(7, 5, 131, 97).replace(distortion=lens)
    aside = camera.replace(pose=Pose(np.eye(3), (0.1, 0.0, 0.0)))
    # The last one has a sky all around.
    for scene, size in (
        (scenes.load("room"), None),
        (scenes.load("desk"), (393, 291)),
        (globe(0.5, 2.0, 64), None),
    ):
        seen = scenes.render(scene, aside, time=0.4, size=size, noise=noise, seed=3)

        def color(scene: scenes.Scene = scene, size: tuple[int, int] | None = size) -> np.ndarray:
            return scenes.render_color(scene, aside, time=0.4, size=size, noise=noise, seed=3)

        assert np.array_equal(everywhere(color), seen.color)


def test_where_the_camera_stands_is_the_pose_and_the_calibrations_own() -> None:
    room = scenes.load("room")
    camera = Calibration.from_field_of_view(1.1, (48, 36))
    aside = Pose(np.eye(3), (0.1, 0.0, 0.0))
    one = scenes.render(room, camera.replace(pose=aside))
    other = scenes.render(room, camera, room.pose @ aside)
    assert np.array_equal(one.color, other.color)
    assert one.pose.equals(other.pose)
    assert one.depth_map.calibration is not None


def test_a_bent_picture_straightened_is_the_straight_one() -> None:
    lens = nf.BrownConrady(k1=-0.12, k2=0.02)
    camera = Calibration.from_field_of_view(1.0, (320, 240))
    bent = camera.replace(distortion=lens)
    flat = wall(2.0, 0.3)
    straight = scenes.render(flat, camera).depth_map
    straightened = nf.depth.rectify(scenes.render(flat, bent).depth_map)
    known = straightened.valid
    assert known.mean() > 0.9
    assert np.abs(straightened.values - straight.values)[known].max() < 1e-4


def test_time_moves_some_things_and_leaves_others() -> None:
    room = scenes.load("room")
    camera = Calibration.from_field_of_view(1.1, (160, 120))
    before, after = (scenes.render(room, camera, time=time) for time in (0.0, 0.6))
    changed = before.depth != after.depth
    moving = [room.objects.index(name) for name in ("hanging lamp", "ball")]
    assert changed.any()
    assert np.isin(before.ids[changed], moving).mean() + np.isin(after.ids[changed], moving).mean() >= 1.0
    assert np.array_equal(before.color, scenes.render(room, camera, time=0.0).color)


def test_noise_has_the_spread_of_its_electrons() -> None:
    flat = wall(2.0)
    plain = scenes.render(flat, CAMERA, linear=True)
    assert plain.linear is not None
    light = float(plain.linear.mean()) * flat.exposure
    sensor = scenes.SensorNoise(electrons=2000.0, read_noise=3.0, vignetting=0.0)
    noisy = [scenes.render(flat, CAMERA, noise=sensor, seed=seed).color.astype(float) for seed in range(3)]
    assert not np.array_equal(noisy[0], noisy[1])
    assert np.array_equal(noisy[0], scenes.render(flat, CAMERA, noise=sensor, seed=0).color)
    spread = np.sqrt(light * 2000 + 9) / 2000
    above = (255 * (1.055 * (light + spread) ** (1 / 2.4) - 0.055)) - (
        255 * (1.055 * light ** (1 / 2.4) - 0.055)
    )
    assert np.mean([(picture - plain.color).std() for picture in noisy]) == pytest.approx(above, rel=0.15)
    assert np.mean(noisy) == pytest.approx(plain.color.mean(), abs=0.6)


def test_edges_are_smooth_with_more_samples_and_nothing_else_changes() -> None:
    one = scenes.render(globe(), CAMERA)
    many = scenes.render(globe(), CAMERA, samples=16)
    assert np.array_equal(one.depth, many.depth)
    differs = (one.color != many.color).any(axis=-1)
    assert 0.005 < differs.mean() < 0.2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"size": (0, 5)}, ValueError),
        ({"size": (20000, 20000)}, ValueError),
        ({"samples": 0}, ValueError),
        ({"time": float("nan")}, ValueError),
        ({"pose": np.eye(4)}, TypeError),
    ],
)
def test_nonsense_is_refused(arguments, error) -> None:
    with pytest.raises(error):
        scenes.render(wall(), CAMERA, **arguments)


def test_an_unknown_scene_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="room"):
        scenes.load("kitchen")


@pytest.mark.parametrize("name", scenes.BUILT_IN)
def test_every_built_in_scene_shows_things_and_moves(name) -> None:
    scene = scenes.load(name)
    camera = Calibration.from_field_of_view(1.0, (160, 120))
    seen = scenes.render(scene, camera)
    assert np.isfinite(seen.depth).all()
    assert len(np.unique(seen.ids)) >= 10
    assert 40 < seen.color.mean() < 200
    lengths = np.linalg.norm(seen.normals, axis=-1)
    assert np.abs(lengths - 1).max() < 1e-4
    towards = (seen.normals * camera.rays()).sum(axis=-1)
    assert (towards > 0.2).mean() < 0.02  # smooth normals may lean away at outlines alone


def test_the_grid_of_a_straight_camera_and_single_rays_meet_the_same_faces() -> None:
    desk = scenes.load("desk")
    camera = Calibration.from_field_of_view(1.0, (320, 240))
    bent = camera.replace(distortion=nf.BrownConrady(k1=1e-9))  # too little to see, and cast ray by ray
    for time in (0.0, 0.7):
        fast, cast = scenes.render(desk, camera, time=time), scenes.render(desk, bent, time=time)
        assert (fast.ids != cast.ids).mean() < 1e-3
        same = fast.ids == cast.ids
        assert (np.abs(fast.depth / cast.depth - 1)[same] > 1e-5).mean() < 1e-3


def test_what_the_lens_does_not_see_is_a_hole() -> None:
    bent = CAMERA.replace(distortion=nf.BrownConrady(k1=-0.9))  # folds over before the corners
    assert np.isnan(bent.rays()).any()
    seen = scenes.render(wall(2.0), bent, samples=2, linear=True)
    blind = np.isnan(bent.rays()).any(axis=-1)
    assert np.array_equal(np.isnan(seen.depth), blind)
    assert (seen.ids[blind] == -1).all()
    assert not seen.color[blind].any()
    assert np.array_equal(seen.depth_map.valid, ~blind)


def test_nothing_that_is_rendered_can_be_changed() -> None:
    found = scenes.render_pair(globe(), rig(0.1), samples=3)
    seen = scenes.render(globe(), CAMERA, samples=3, linear=True)
    for array in (seen.color, seen.depth, seen.normals, seen.ids, seen.linear, found.shift, found.occluded):
        assert array is not None
        assert not array.flags.writeable
