// FakeXRInputController, https://immersive-web.github.io/webxr-test-api/#fakexrinputcontroller-init
import type { XRHandedness, XRTargetRayMode } from '../device/input';
import { toDictionary, toDOMString, toEnum, toFloat, toSequence } from '../idl/convert';
import { Slots, created, illegalConstructor, published } from '../idl/interface';
import { member, toRigid } from './dictionaries';
import type { ButtonState, FakeXRButtonType, SimulatedInput, SimulatedInputs } from './simulated_input';

const HANDS: readonly XRHandedness[] = ['none', 'left', 'right'];
const RAYS: readonly XRTargetRayMode[] = ['gaze', 'tracked-pointer', 'screen', 'transient-pointer'];
const BUTTONS: readonly FakeXRButtonType[] = [
  'grip',
  'touchpad',
  'thumbstick',
  'optional-button',
  'optional-thumbstick',
];
const WITH_AXES: readonly FakeXRButtonType[] = ['touchpad', 'thumbstick', 'optional-thumbstick'];

const toHandedness = (value: unknown) => toEnum(value, HANDS, 'XRHandedness');
const toTargetRayMode = (value: unknown) => toEnum(value, RAYS, 'XRTargetRayMode');
const toProfiles = (value: unknown) => toSequence(value, 'profiles', toDOMString);

/** "Validate a button state". */
function toButton(value: unknown): ButtonState {
  const name = 'FakeXRButtonStateInit';
  const members = toDictionary(value, name);
  const buttonType = toEnum(member(members, 'buttonType', name), BUTTONS, 'FakeXRButtonType');
  const pressed = Boolean(member(members, 'pressed', name));
  const pressedValue = toFloat(member(members, 'pressedValue', name), 'pressedValue');
  const touched = Boolean(member(members, 'touched', name));
  const axis = (key: string) => (members[key] === undefined ? 0 : toFloat(members[key], key));
  const [xValue, yValue] = [axis('xValue'), axis('yValue')];
  if (pressedValue < 0) throw new TypeError('pressedValue: it cannot be below 0.');
  if (!touched && (pressed || pressedValue > 0)) throw new TypeError('A button that is pressed is touched.');
  const axes = WITH_AXES.includes(buttonType) ? { xValue, yValue } : { xValue: 0, yValue: 0 };
  return { buttonType, pressed, touched, pressedValue, ...axes };
}

/** "Parse supported buttons": the first of each type. */
function toButtons(value: unknown): ButtonState[] {
  const buttons = toSequence(value, 'supportedButtons', toButton);
  return buttons.filter((button, at) => buttons.findIndex((other) => other.buttonType === button.buttonType) === at);
}

const inputs = new Slots<SimulatedInput>('FakeXRInputController');

export class FakeXRInputController {
  constructor() {
    illegalConstructor();
  }

  setHandedness(handedness: unknown): void {
    inputs.of(this).handedness = toHandedness(handedness);
  }

  setTargetRayMode(targetRayMode: unknown): void {
    inputs.of(this).targetRayMode = toTargetRayMode(targetRayMode);
  }

  setProfiles(profiles: unknown): void {
    inputs.of(this).profiles = toProfiles(profiles);
  }

  setGripOrigin(gripOrigin: unknown, emulatedPosition: unknown = false): void {
    const input = inputs.of(this);
    input.grip = toRigid(gripOrigin, 'gripOrigin');
    input.emulatedPosition = Boolean(emulatedPosition);
  }

  clearGripOrigin(): void {
    const input = inputs.of(this);
    input.grip = null;
    input.emulatedPosition = false;
  }

  setPointerOrigin(pointerOrigin: unknown, emulatedPosition: unknown = false): void {
    const input = inputs.of(this);
    input.pointer = toRigid(pointerOrigin, 'pointerOrigin');
    input.emulatedPosition = Boolean(emulatedPosition);
  }

  disconnect(): void {
    inputs.of(this).connected = false;
  }

  reconnect(): void {
    inputs.of(this).connected = true;
  }

  startSelection(): void {
    inputs.of(this).start('select');
  }

  endSelection(): void {
    inputs.of(this).end('select');
  }

  simulateSelect(): void {
    inputs.of(this).select();
  }

  setSupportedButtons(supportedButtons: unknown): void {
    inputs.of(this).setButtons(toButtons(supportedButtons));
  }

  updateButtonState(buttonState: unknown): void {
    const input = inputs.of(this);
    const state = toButton(buttonState);
    if (!input.buttons.some((button) => button.buttonType === state.buttonType))
      throw new DOMException(`The controller has no ${state.buttonType}.`, 'NotFoundError');
    input.setButtons(input.buttons.map((button) => (button.buttonType === state.buttonType ? state : button)));
  }
}
published(FakeXRInputController, 'FakeXRInputController');

/** simulateInputSourceConnection(init): a new controller of a device. */
export function connectedInput(all: SimulatedInputs, init: unknown): FakeXRInputController {
  const name = 'FakeXRInputSourceInit';
  const members = toDictionary(init, name);
  const gripOrigin = members['gripOrigin'];
  const grip = gripOrigin === undefined ? null : toRigid(gripOrigin, 'gripOrigin');
  const handedness = toHandedness(member(members, 'handedness', name));
  const pointer = toRigid(member(members, 'pointerOrigin', name), 'pointerOrigin');
  const profiles = toProfiles(member(members, 'profiles', name));
  const supported = members['supportedButtons'];
  const buttons = supported === undefined ? [] : toButtons(supported);
  const targetRayMode = toTargetRayMode(member(members, 'targetRayMode', name));
  const input = Object.assign(all.add(pointer), { grip, handedness, profiles, targetRayMode });
  input.setButtons(buttons);
  if (members['selectionClicked']) input.select();
  if (members['selectionStarted']) input.start('select');
  return inputs.fill(created(FakeXRInputController), input);
}
