// What a session hears of input: the device's controllers, and pointers on the page's canvas while they are
// down.
//
//   is there ─▶ inputsourceschange        begins ─▶ selectstart        ends ─▶ select, selectend
//
// All of it is told at the start of a frame, since the events carry one.
import type { DeviceInput, InputAction } from '../device/input';
import { identity, multiplied, type Matrix } from '../geometry/matrix';
import { XRInputSourceEvent, XRInputSourcesChangeEvent } from './events';
import { frameOf, projectionMatrix } from './frame';
import { inputSource, listSources } from './input_source';
import { Pointers, type Point } from './pointers';
import { space } from './space';
import type { Session } from './states';

const PROFILES = Object.freeze(['generic-touchscreen']);

interface Source {
  readonly object: object;
  /** What is being done with it. */
  readonly active: Set<InputAction>;
}

interface Controller extends Source {
  now: DeviceInput;
}

interface Contact extends Source {
  at: Point;
}

export class SessionInputs {
  readonly #session: Session;
  readonly #controllers = new Map<number, Controller>();
  readonly #contacts = new Map<number, Contact>();
  #pointers: Pointers | null = null;
  #frame: object | null = null;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Pointers on this canvas are the session's from now on. */
  listen(canvas: unknown): void {
    if (!(canvas instanceof HTMLCanvasElement) || this.#pointers?.canvas === canvas) return;
    this.#pointers?.stop();
    this.#pointers = new Pointers(this.#session, canvas);
  }

  stop(): void {
    this.#pointers?.stop();
  }

  /** Tells what has happened since the last frame. */
  dispatch(time: number): void {
    const state = { session: this.#session.object, time, active: true, animation: false };
    this.#frame = frameOf(state);
    this.#meetControllers();
    for (const { id, action, phase } of this.#session.device?.inputs?.taken() ?? []) {
      const controller = this.#controllers.get(id);
      if (controller) this.#act(controller, action, phase);
    }
    for (const { kind, pointer, at } of this.#pointers?.taken() ?? []) {
      if (kind === 'pointerdown') this.#touch(pointer, at);
      else this.#lift(pointer, at, kind === 'pointerup');
    }
    for (const [pointer, contact] of this.#contacts) contact.at = this.#pointers?.at(pointer) ?? contact.at;
    state.active = false;
  }

  /** Those that came, went, or became something else: where they are is not what they are. */
  #meetControllers(): void {
    const connected = this.#session.device?.inputs?.connected;
    if (!connected) return;
    const [added, removed]: [object[], object[]] = [[], []];
    const gone = new Set(this.#controllers.keys());
    for (const input of connected) {
      const known = this.#controllers.get(input.id);
      if (known && isSame(known.now, input)) {
        known.now = snapshot(input);
        gone.delete(input.id);
      }
    }
    for (const id of gone) {
      const controller = this.#controllers.get(id)!;
      for (const action of [...controller.active]) this.#act(controller, action, 'cancel');
      this.#controllers.delete(id);
      removed.push(controller.object);
    }
    for (const input of connected)
      if (!this.#controllers.has(input.id)) {
        const controller = this.#controller(input);
        this.#controllers.set(input.id, controller);
        added.push(controller.object);
      }
    if (added.length || removed.length) this.#changed(added, removed);
  }

  #controller(input: DeviceInput): Controller {
    const { handedness, targetRayMode, profiles, grip } = input;
    const held = { now: snapshot(input) };
    const at = (native: () => Matrix | null) =>
      space({
        session: this.#session.object,
        offset: identity(),
        native,
        emulated: () => held.now.emulatedPosition,
      });
    const object = inputSource({
      handedness,
      targetRayMode,
      profiles: Object.freeze([...profiles]),
      targetRaySpace: at(() => held.now.pointer),
      gripSpace: grip && at(() => held.now.grip),
    });
    return Object.assign(held, { object, active: new Set<InputAction>() });
  }

  #touch(pointer: number, at: Point): void {
    const held = { at };
    const native = () => rayOf(this.#session, held.at);
    const emulated = () => false;
    const object = inputSource({
      handedness: 'none',
      targetRayMode: 'screen',
      profiles: PROFILES,
      targetRaySpace: space({ session: this.#session.object, offset: identity(), native, emulated }),
      gripSpace: null,
    });
    const contact = Object.assign(held, { object, active: new Set<InputAction>() });
    this.#contacts.set(pointer, contact);
    this.#changed([object], []);
    this.#act(contact, 'select', 'start');
  }

  #lift(pointer: number, at: Point, completed: boolean): void {
    const contact = this.#contacts.get(pointer);
    if (!contact) return;
    contact.at = at;
    this.#act(contact, 'select', completed ? 'end' : 'cancel');
    this.#contacts.delete(pointer);
    this.#changed([], [contact.object]);
  }

  #act(source: Source, action: InputAction, phase: 'start' | 'end' | 'cancel'): void {
    if (phase === 'start') source.active.add(action);
    else source.active.delete(action);
    const names = { start: [`${action}start`], end: [action, `${action}end`], cancel: [`${action}end`] }[
      phase
    ];
    for (const name of names)
      if (!this.#session.ended && this.#frame)
        this.#session.object.dispatchEvent(
          new XRInputSourceEvent(name, { frame: this.#frame, inputSource: source.object }),
        );
  }

  #changed(added: object[], removed: object[]): void {
    const { object, inputSources, ended } = this.#session;
    const all = [...this.#controllers.values(), ...this.#contacts.values()];
    listSources(
      inputSources,
      all.map((source) => source.object),
    );
    if (!ended)
      object.dispatchEvent(
        new XRInputSourcesChangeEvent('inputsourceschange', { session: object, added, removed }),
      );
  }
}

function isSame(a: DeviceInput, b: DeviceInput): boolean {
  return (
    a.handedness === b.handedness &&
    a.targetRayMode === b.targetRayMode &&
    !a.grip === !b.grip &&
    a.profiles.length === b.profiles.length &&
    a.profiles.every((profile, index) => profile === b.profiles[index])
  );
}

/** What it is at this moment: the device may change it while a frame runs. */
function snapshot({
  id,
  handedness,
  targetRayMode,
  profiles,
  pointer,
  grip,
  emulatedPosition,
}: DeviceInput): DeviceInput {
  return { id, handedness, targetRayMode, profiles, pointer, grip, emulatedPosition };
}

/** The space whose -z goes from the viewer through a point of the picture. */
function rayOf(session: Session, at: Point): Matrix | null {
  const { viewer, views } = session.moment;
  const index = Math.min(views.length - 1, Math.max(0, Math.floor(at[0] * views.length)));
  const view = views[index];
  if (!viewer || !view) return null;
  const projection = projectionMatrix(session, view);
  const [right, up] = [2 * (at[0] * views.length - index) - 1, 1 - 2 * at[1]];
  const back = unit([-(right + projection[8]!) / projection[0]!, -(up + projection[9]!) / projection[5]!, 1]);
  const side = unit([back[2], 0, -back[0]]);
  const over = [
    back[1] * side[2] - back[2] * side[1],
    back[2] * side[0] - back[0] * side[2],
    back[0] * side[1] - back[1] * side[0],
  ];
  const ray = new Float32Array([...side, 0, ...over, 0, ...back, 0, 0, 0, 0, 1]);
  return multiplied(multiplied(viewer, view.viewerFromView), ray);
}

function unit([x, y, z]: [number, number, number]): [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
