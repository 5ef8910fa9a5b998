// Mouse, fingers and keys as turns of an orbit.
import type { Orbit } from './orbit';

const DRAG = Math.PI; // radians for a drag across the whole width
const KEY = 0.12; // radians
const CLOSER = 0.85;
const WHEEL = 0.0012; // of a notch's pixels

/** Lets an element turn an orbit; `moved` is called after each change. */
export function steer(target: HTMLElement, orbit: Orbit, moved: () => void): void {
  const held = new Map<number, { x: number; y: number }>();

  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    target.setPointerCapture(event.pointerId);
  });

  target.addEventListener('pointermove', (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const apart = spread(held);
    held.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (held.size === 1) {
      const scale = DRAG / Math.max(1, target.clientWidth);
      orbit.turn(scale * (before.x - event.clientX), scale * (event.clientY - before.y));
    } else if (apart > 0) orbit.approach(apart / Math.max(1, spread(held)));
    moved();
  });

  for (const end of ['pointerup', 'pointercancel'] as const)
    target.addEventListener(end, (event) => held.delete(event.pointerId));

  target.addEventListener(
    'wheel',
    (event) => {
      if (document.activeElement !== target) return; // the page scrolls on
      event.preventDefault();
      orbit.approach(Math.exp(WHEEL * event.deltaY));
      moved();
    },
    { passive: false },
  );

  target.addEventListener('dblclick', () => {
    orbit.home();
    moved();
  });

  target.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !pressed(event.key, orbit)) return;
    event.preventDefault();
    moved();
  });
}

function pressed(key: string, orbit: Orbit): boolean {
  if (key === 'ArrowLeft') orbit.turn(-KEY, 0);
  else if (key === 'ArrowRight') orbit.turn(KEY, 0);
  else if (key === 'ArrowUp') orbit.turn(0, KEY);
  else if (key === 'ArrowDown') orbit.turn(0, -KEY);
  else if (key === '+' || key === '=') orbit.approach(CLOSER);
  else if (key === '-' || key === '−') orbit.approach(1 / CLOSER);
  else if (key === 'Home') orbit.home();
  else return false;
  return true;
}

/** How far two fingers are apart. */
function spread(held: ReadonlyMap<number, { x: number; y: number }>): number {
  const [one, other] = [...held.values()];
  return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
}
