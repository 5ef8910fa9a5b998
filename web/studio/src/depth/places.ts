// A place in a picture that is pointed at, or walked to by keys.

/** 0..1 from the top left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

const STEP = 0.02; // of the picture, for an arrow key; five times as far with shift
const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function placeOf(event: MouseEvent, target: Element): Place {
  const box = target.getBoundingClientRect();
  return {
    x: withinPicture((event.clientX - box.left) / box.width),
    y: withinPicture((event.clientY - box.top) / box.height),
  };
}

/** Where an arrow key leads to; null: it is none. */
export function stepped(from: Place, event: KeyboardEvent): Place | null {
  const way = WAYS[event.key];
  if (!way) return null;
  const far = event.shiftKey ? 5 * STEP : STEP;
  return { x: withinPicture(from.x + far * way[0]), y: withinPicture(from.y + far * way[1]) };
}

export function withinPicture(share: number): number {
  return Math.min(1, Math.max(0, share));
}

/** Puts an element at a place of the picture that it lies on. */
export function putAt(marker: HTMLElement, { x, y }: Place): void {
  marker.style.left = `${100 * x}%`;
  marker.style.top = `${100 * y}%`;
}
