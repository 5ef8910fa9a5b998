"""The AR page's modules by themselves: what balls may never do, and what a depth map says of a plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.studio_page import running_studio

pytestmark = pytest.mark.browser

Room = Callable[[str], Any]


@pytest.fixture(scope="module")
def room(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Runs the body of an async function in the page, beside its modules."""
    with running_studio(tmp_path_factory.mktemp("studio")) as studio:
        page = studio.open(browser.new_context(), "ar/")
        parts = """
          const { Balls, RADIUS, GRAVITY } = await import('/ar/balls.js');
          const { Surface } = await import('/ar/surface.js');
          const { Vector3 } = await import('/three.js');
          /** Planes, each by its normal and how far it is from the origin. */
          const planes = (...all) => ({
            hides: () => false,
            contacts: (center) =>
              all.map(([normal, offset]) => ({ normal, distance: center.dot(normal) - offset })),
          });
          /** The depth map of a plane, seen from the origin; `turned`: a phone's, on its side. */
          const seen = (normal, offset, turned) => {
            const [width, height] = turned ? [96, 128] : [128, 96];
            const projection = [1.6, 0, 0, 0, 0, 2.1, 0, 0, 0.1, -0.05, -1, -1, 0, 0, -0.2, 0];
            const data = new Float32Array(width * height);
            for (let row = 0; row < height; row++)
              for (let column = 0; column < width; column++) {
                let [x, y] = [(column + 0.5) / width, (row + 0.5) / height];
                if (turned) [x, y] = [y, 1 - x];
                const way = new Vector3((2 * x - 1 + 0.1) / 1.6, (1 - 2 * y - 0.05) / 2.1, -1);
                data[row * width + column] = Math.max(0, offset / way.dot(normal));
              }
            const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
            const matrix = turned ? [0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1] : identity;
            const surface = new Surface();
            const buffer = { data: data.buffer, width, height, rawValueToMeters: 1 };
            const depth = { ...buffer, normDepthBufferFromNormView: { matrix } };
            const transform = { matrix: identity, inverse: { matrix: identity } };
            surface.update(depth, { projectionMatrix: projection, transform }, 'float32');
            return surface;
          };
        """
        yield lambda body: page.evaluate(f"async () => {{ {parts} {body} }}")
        page.context.close()


def test_energy_never_grows_and_balls_come_to_rest(room: Room) -> None:
    found = room("""
      const world = planes([new Vector3(0, 1, 0), 0], [new Vector3(1, 0, 0), -1], [new Vector3(0, 0, 1), -1]);
      const results = [];
      for (let k = 0; k < 40; k++) {
        const balls = new Balls();
        const ball = balls.add(
          new Vector3(0.1 * (k % 5), 0.1 + 0.05 * k, 0.1 * (k % 3)),
          new Vector3(-3 + 0.2 * k, 3 - 0.3 * k, -4 + 0.1 * k),
        );
        const energy = () => ball.velocity.lengthSq() / 2 + GRAVITY * ball.position.y;
        let [growth, deepest, before, frames] = [0, 0, energy(), 0];
        for (; frames < 4000 && !ball.asleep; frames++) {
          balls.advance(0.004 + 0.03 * (frames * k % 4), world);
          growth = Math.max(growth, energy() - before);
          before = energy();
          deepest = Math.max(deepest, RADIUS - ball.position.y, RADIUS - 1 - ball.position.x);
        }
        results.push({ growth, deepest, asleep: ball.asleep, height: ball.position.y - RADIUS });
      }
      return results;
    """)
    assert len(found) == 40
    for result in found:
        assert result["growth"] < 1e-6
        assert result["deepest"] < 1e-6
        assert result["asleep"]
        assert abs(result["height"]) < 1e-6


@pytest.mark.parametrize("speed", [3, 10, 40])
def test_no_ball_skips_a_surface(room: Room, speed: float) -> None:
    through = room(f"""
      const world = seen(new Vector3(0, 0, 1), -1.5, false);  // a wall, 1.5 m ahead
      let through = 0;
      for (let k = 0; k < 20; k++) {{
        const balls = new Balls();
        const ball = balls.add(new Vector3(0.02 * k - 0.2, 0.1, -0.4), new Vector3(0, 0, -{speed}));
        for (let i = 0; i < 6; i++) {{
          balls.advance(0.1, world);
          if (ball.position.z < -1.5) through++;
        }}
      }}
      return through;
    """)
    assert through == 0


@pytest.mark.parametrize("turned", ["false", "true"])
def test_a_plane_in_a_depth_map_is_that_plane(room: Room, turned: str) -> None:
    found = room(f"""
      const results = [];
      for (const degrees of [-60, -35, 0, 40, 65])
        for (const [x, y] of [[0.3, 0.4], [0.5, 0.5], [0.7, 0.6]]) {{
          const angle = degrees * Math.PI / 180;
          const normal = new Vector3(0.3 * Math.sin(angle), Math.sin(angle), Math.cos(angle)).normalize();
          const surface = seen(normal, -1.2, {turned});
          const patch = surface.patchAt(x, y);
          const place = surface.project(patch.point);
          const contacts = surface.contacts(patch.point.clone().addScaledVector(normal, 0.03), RADIUS);
          results.push({{
            off: patch.point.dot(normal) + 1.2,
            turn: patch.normal.angleTo(normal),
            place: Math.hypot(place.x - x, place.y - y),
            contacts: contacts.map((one) => [one.distance - 0.03, one.normal.angleTo(normal)]),
          }});
        }}
      return results;
    """)
    for result in found:
        assert abs(result["off"]) < 0.002
        assert result["turn"] < 0.02
        assert result["place"] < 1e-5
        ((distance, angle),) = result["contacts"]
        assert abs(distance) < 0.002
        assert angle < 0.03


def test_open_air_is_not_the_unknown(room: Room) -> None:
    air, outside, hidden = room("""
      const surface = seen(new Vector3(0, 0, 1), -1.5, false);
      const at = (x, y, z) => surface.contacts(new Vector3(x, y, z), RADIUS);
      return [at(0, 0, -1), at(3, 0, -1), at(0, 0, -2.5)];
    """)
    assert air == []
    assert outside is None
    assert hidden is None


def test_balls_that_meet_keep_their_momentum_and_gain_nothing(room: Room) -> None:
    before, after, energies = room("""
      const nothing = { hides: () => false, contacts: () => [] };
      const balls = new Balls();
      const one = balls.add(new Vector3(-0.3, 0, 0), new Vector3(4, 0, 0));
      const other = balls.add(new Vector3(0.3, 0.02, 0.01), new Vector3(-3, 0, 0.2));
      const sum = () => one.velocity.clone().add(other.velocity).toArray();
      const energy = () => one.velocity.lengthSq() + other.velocity.lengthSq();
      const [begin, full] = [sum(), energy()];
      for (let i = 0; i < 10; i++) balls.advance(0.02, nothing);
      const end = sum();
      end[1] += 2 * GRAVITY * 0.2;
      return [begin, end, [full, energy() - 2 * (GRAVITY * 0.2) ** 2]];
    """)
    assert after == pytest.approx(before, abs=1e-6)
    assert energies[1] < energies[0]
