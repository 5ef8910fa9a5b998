"""Laws of the scene kernels, and their twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nearfar import _native
from reference import scene as twin
from reference.settings import bits, everywhere

SURROUNDINGS = np.array(
    [(0.4, 0.5, 0.8), (0.9, 0.9, 0.9), (0.2, 0.2, 0.1), *[(0.5, 0.5, 0.5)] * 3, (2.0, 1.8, 1.5), (1, 4, 2)]
)
BALLS = np.array([(0.5, 0.2, 1.0, 0.3, 7), (-0.5, 0.0, 2.0, 0.2, 0)])
STILL = np.array([[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] * 2], np.float64)
CAMERA = np.array((30.0, 31.0, 16.2, 11.9))
HEIGHT, WIDTH = 24, 32
LINE = np.linspace(-0.5, 0.5, 5).astype(np.float32)


def model(positions, faces, *, texture=None, light=1.0) -> _native.SceneModel:
    positions = np.ascontiguousarray(positions, np.float32)
    count = len(positions)
    table = np.zeros((len(faces), 6), np.int32)
    table[:, :3] = faces
    table[:, 4] = np.arange(len(faces))
    material = np.array([[-1 if texture is None else 0, 5, 0.5, 0.4, 0.3, 0, 0, 0, 0]], np.float32)
    normals = np.tile(np.array((0, 0, -1), np.float32), (count, 1))
    lights = np.full((count, 4), light, np.float32)
    textures = [] if texture is None else [texture]
    coordinates = np.ascontiguousarray(positions[:, :2])
    return _native.SceneModel(positions, normals, coordinates, lights, table, material, textures)


def triangles(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    corners = generator.normal(0, 1.5, (count, 3, 3)) + np.array((0, 0, generator.uniform(-1, 4)))
    return corners.reshape(-1, 3).astype(np.float32), np.arange(3 * count).reshape(-1, 3)


def rays(camera: np.ndarray = CAMERA) -> np.ndarray:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    made = np.stack([(x - camera[2]) / camera[0], (y - camera[3]) / camera[1], np.ones_like(x)], -1)
    return np.ascontiguousarray(made.reshape(-1, 3), np.float32)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_the_grid_meets_the_faces_that_rays_meet(seed, count) -> None:
    positions, faces = triangles(seed, count)
    scene = model(positions, faces)
    found = everywhere(lambda: scene.first_faces(STILL, CAMERA, HEIGHT, WIDTH)).ravel()
    expected, doubtful = twin.first_faces(positions, faces, rays())
    assert np.array_equal(found[~doubtful], expected[~doubtful])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(60, 200))
def test_many_faces_across_many_rows_hide_one_another_as_a_few_do(seed, count) -> None:
    """The picture is drawn in bands of rows, and faces are set up many at a time."""
    tall = np.array((60.0, 80.0, 15.7, 44.3))
    height = 90
    positions, faces = triangles(seed, count)
    scene = model(positions, faces)
    found = everywhere(lambda: scene.first_faces(STILL, tall, height, WIDTH)).ravel()
    y, x = np.mgrid[:height, :WIDTH] + 0.5
    made = np.stack([(x - tall[2]) / tall[0], (y - tall[3]) / tall[1], np.ones_like(x)], -1)
    expected, doubtful = twin.first_faces(positions, faces, made.reshape(-1, 3).astype(np.float32))
    assert np.array_equal(found[~doubtful], expected[~doubtful])


def test_neighbours_leave_no_gap_and_no_centre_twice() -> None:
    """A fan of faces that share edges through pixel centres covers every pixel of its outline."""
    angle = np.linspace(0, 2 * np.pi, 41)[:-1]
    rim = np.stack([8 * np.cos(angle), 8 * np.sin(angle), np.full(40, 2.0)], -1)
    positions = np.vstack([np.array((0.0, 0.0, 2.0)), rim])
    faces = [(0, 1 + k, 1 + (k + 1) % 40) for k in range(40)]
    scene = model(positions, faces)
    for camera in (CAMERA, np.array((32.0, 32.0, 16.5, 12.5)), np.array((16.0, 16.0, 16.0, 12.0))):
        assert (scene.first_faces(STILL, camera, HEIGHT, WIDTH) >= 0).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_depth_is_the_planes_and_colour_is_light_times_albedo(seed, count) -> None:
    positions, faces = triangles(seed, count)
    scene = model(positions, faces, light=0.7)
    hits, doubtful = twin.first_faces(positions, faces, rays())

    def shade() -> np.ndarray:
        color, depth, normal, ids = scene.shade(
            rays(), hits, STILL, np.zeros((0, 5)), SURROUNDINGS, (1 / 30.0, 1 / 31.0), False
        )
        return np.concatenate([color.ravel(), depth, normal.ravel(), ids.astype(np.float32)])

    found = everywhere(shade)
    size = len(hits)
    color, depth = found[: 3 * size].reshape(-1, 3), found[3 * size : 4 * size]
    met = (hits >= 0) & ~doubtful
    assert np.allclose(depth[met], twin.depths(positions, faces, rays(), hits)[met], rtol=2e-6)
    assert np.isposinf(depth[hits < 0]).all()
    assert np.allclose(color[hits >= 0], np.array((0.5, 0.4, 0.3)) * 0.7, rtol=1e-5)
    assert np.allclose(color[hits < 0], twin.sky(SURROUNDINGS[:3], rays()[hits < 0]), atol=1e-6)
    assert np.array_equal(found[7 * size :], hits)


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.uint8, (8, 16, 4)), st.floats(0.2, 6.0))
def test_a_texture_is_the_mean_over_the_footprint(picture, depth) -> None:
    """On a wall square to the camera the footprint is a square; the twin mixes the same two levels."""
    positions = np.array([(-20, -20, depth), (20, -20, depth), (20, 20, depth), (-20, 20, depth)], np.float32)
    faces = np.array([(0, 1, 2), (0, 2, 3)])
    scene = model(positions, faces, texture=picture)
    camera = np.array((30.0, 30.0, 16.2, 11.9))
    hits = scene.first_faces(STILL, camera, HEIGHT, WIDTH).ravel()
    made = rays(camera)
    color, *_ = scene.shade(made, hits, STILL, np.zeros((0, 5)), SURROUNDINGS, (1 / 30.0, 1 / 30.0), True)
    place = made[:, :2] * np.float32(depth)
    expected = twin.texture(picture, place, depth / 30.0) * np.array((0.5, 0.4, 0.3))
    assert np.allclose(color, expected, atol=2e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 1500))
def test_what_a_ray_sees_does_not_depend_on_its_neighbours(seed, count) -> None:
    """Blocks, runs of one face and the faces that are remembered leave no trace."""
    generator = np.random.default_rng(seed)
    positions, faces = triangles(seed, count)
    scene = model(positions, faces, texture=generator.integers(0, 256, (8, 4, 4), np.uint8))
    made = np.ascontiguousarray(np.tile(rays(), (6, 1)))
    hits = generator.integers(-1, count, len(made)).astype(np.int32)
    hits = np.where(generator.random(len(hits)) < 0.4, np.roll(hits, 1), hits)
    hits = np.where(generator.random(len(hits)) < 0.4, hits % min(count, 40), hits)

    def shade(order: np.ndarray) -> list[np.ndarray]:
        """In the rays' own order, shaded in another."""
        seen = scene.shade(made[order], hits[order], STILL, BALLS, SURROUNDINGS, (1 / 30.0, 1 / 31.0), False)
        back = np.argsort(order)
        return [array[back] for array in seen]

    expected = shade(np.arange(len(made)))
    for found in (shade(generator.permutation(len(made))), shade(np.argsort(hits, kind="stable"))):
        assert all(bits(a) == bits(b) for a, b in zip(found, expected, strict=True))


@settings(max_examples=50, deadline=None)
@given(
    hnp.arrays(np.float32, (5, 7, 3), elements=st.floats(-1, 50, width=32)),
    st.floats(0.01, 10.0),
    st.sampled_from([0.0, 500.0, 20000.0]),
    st.sampled_from([0.0, 0.4]),
    st.integers(0, 2**64 - 1),
)
def test_developing_is_its_twin(linear, exposure, electrons, vignetting, seed) -> None:
    found = everywhere(lambda: _native.develop(linear, exposure, electrons, 3.0, vignetting, seed))
    expected = twin.develop(linear, exposure, electrons, 3.0, vignetting, seed)
    assert np.abs(found.astype(int) - expected).max() <= 1  # pow may round a code's edge either way
    assert bits(found) == bits(_native.develop(linear, exposure, electrons, 3.0, vignetting, seed))


def test_nonsense_is_refused() -> None:
    positions, faces = triangles(0, 2)
    with pytest.raises(ValueError, match="face"):
        model(positions, faces + 1)
    with pytest.raises(ValueError, match="powers of two"):
        model(positions, faces, texture=np.zeros((3, 4, 4), np.uint8))
    scene = model(positions, faces)
    empty = np.zeros((0, 5))
    for hits in (np.array([2], np.int32), np.array([0, 0], np.int32)):
        with pytest.raises(ValueError, match="hit"):
            scene.shade(rays()[:1], hits, STILL, empty, SURROUNDINGS, (1.0, 1.0), True)
    with pytest.raises(ValueError, match="part"):
        scene.first_faces(np.concatenate([STILL, STILL]), CAMERA, HEIGHT, WIDTH)
    with pytest.raises(ValueError, match="camera"):
        scene.first_faces(STILL, -CAMERA, HEIGHT, WIDTH)
    with pytest.raises(ValueError, match="size"):
        scene.first_faces(STILL, CAMERA, 0, WIDTH)
    for arguments in ((0.0, 1.0, 1.0, 0.0), (1.0, -1.0, 1.0, 0.0), (1.0, 1.0, 1.0, 2.0)):
        with pytest.raises(ValueError, match=r"exposure|sensor"):
            _native.develop(np.zeros((2, 2, 3), np.float32), *arguments, 0)
        with pytest.raises(ValueError, match=r"exposure|sensor"):
            scene.picture(STILL, empty, SURROUNDINGS, CAMERA, LINE, LINE, *arguments, 0)
    for parts, camera, line, words in (
        (np.concatenate([STILL, STILL]), CAMERA, LINE, "part"),
        (STILL, -CAMERA, LINE, "camera"),
        (STILL, CAMERA, LINE[:0], "size"),
    ):
        with pytest.raises(ValueError, match=words):
            scene.picture(parts, empty, SURROUNDINGS, camera, line, LINE, 1.0, 1.0, 1.0, 0.0, 0)


def test_numbers_without_sense_do_not_stop_a_rendering() -> None:
    positions, faces = triangles(1, 5)
    positions[4] = np.nan
    positions[7] = 1e30
    scene = model(positions, faces, texture=np.full((4, 4, 4), 99, np.uint8))
    scene.first_faces(STILL, CAMERA, HEIGHT, WIDTH)
    hits = (np.arange(HEIGHT * WIDTH) % 5).astype(np.int32)
    scene.shade(rays(), hits, STILL, np.zeros((0, 5)), SURROUNDINGS, (1.0, 1.0), False)
