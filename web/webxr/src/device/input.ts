// The controllers of a device, as the runtime sees them at the start of each XR frame.
import type { Matrix } from '../geometry/matrix';

export type XRHandedness = 'none' | 'left' | 'right';
export type XRTargetRayMode = 'gaze' | 'tracked-pointer' | 'screen' | 'transient-pointer';
export type InputAction = 'select' | 'squeeze';

/** One controller in one moment. Pages get a new XRInputSource when what it is has changed, not where it is. */
export interface DeviceInput {
  /** The same from frame to frame, and unlike that of any other. */
  readonly id: number;
  readonly handedness: XRHandedness;
  readonly targetRayMode: XRTargetRayMode;
  readonly profiles: readonly string[];
  /** The ray, along −z, in local space. */
  readonly pointer: Matrix;
  /** The hand that holds it, in local space; null: it is not tracked. */
  readonly grip: Matrix | null;
  /** Its position is guessed, its orientation is not. */
  readonly emulatedPosition: boolean;
}

/** Something that was done with a controller since the last frame, in the order of its doing. */
export interface InputEvent {
  readonly id: number;
  readonly action: InputAction;
  readonly phase: 'start' | 'end';
}

/** A device's controllers; a device without any goes without. */
export interface DeviceInputs {
  readonly connected: readonly DeviceInput[];
  /** What was done since it was asked last. */
  taken(): readonly InputEvent[];
}
