// The controllers behind FakeXRInputController.
import type {
  DeviceInput,
  DeviceInputs,
  InputAction,
  InputEvent,
  XRHandedness,
  XRTargetRayMode,
} from '../device/input';
import type { Matrix } from '../geometry/matrix';

export type FakeXRButtonType = 'grip' | 'touchpad' | 'thumbstick' | 'optional-button' | 'optional-thumbstick';

/** FakeXRButtonStateInit, converted. */
export interface ButtonState {
  readonly buttonType: FakeXRButtonType;
  readonly pressed: boolean;
  readonly touched: boolean;
  readonly pressedValue: number;
  readonly xValue: number;
  readonly yValue: number;
}

export class SimulatedInput implements DeviceInput {
  readonly id: number;
  handedness: XRHandedness = 'none';
  targetRayMode: XRTargetRayMode = 'tracked-pointer';
  profiles: readonly string[] = [];
  pointer: Matrix;
  grip: Matrix | null = null;
  emulatedPosition = false;
  connected = true;
  buttons: readonly ButtonState[] = [];
  readonly #active = new Set<InputAction>();
  readonly #report: (event: InputEvent) => void;

  constructor(id: number, pointer: Matrix, report: (event: InputEvent) => void) {
    this.id = id;
    this.pointer = pointer;
    this.#report = report;
  }

  start(action: InputAction): void {
    if (this.#active.has(action)) return;
    this.#active.add(action);
    this.#report({ id: this.id, action, phase: 'start' });
  }

  end(action: InputAction): void {
    if (this.#active.delete(action)) this.#report({ id: this.id, action, phase: 'end' });
  }

  /** "Simulate a full primary action": one that runs already is ended, and begun anew. */
  select(): void {
    const running = this.#active.has('select');
    this.start('select');
    this.end('select');
    if (running) this.start('select');
  }

  /** The grip button is what squeezes. */
  setButtons(buttons: readonly ButtonState[]): void {
    this.buttons = buttons;
    const grip = buttons.find((button) => button.buttonType === 'grip');
    if (grip?.pressed) this.start('squeeze');
    else this.end('squeeze');
  }
}

export class SimulatedInputs implements DeviceInputs {
  readonly #all: SimulatedInput[] = [];
  #events: InputEvent[] = [];

  add(pointer: Matrix): SimulatedInput {
    const input = new SimulatedInput(this.#all.length, pointer, (event) => this.#events.push(event));
    this.#all.push(input);
    return input;
  }

  get connected(): readonly DeviceInput[] {
    return this.#all.filter((input) => input.connected);
  }

  taken(): readonly InputEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
