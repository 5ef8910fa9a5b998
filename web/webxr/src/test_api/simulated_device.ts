// The device behind a FakeXRDevice: it does nothing by itself, and shows what a test has set from the next frame on.
import type { DepthSupport, NativeDepth } from '../depth/host';
import type {
  Device,
  DeviceFrame,
  DeviceView,
  XREnvironmentBlendMode,
  XRInteractionMode,
  XRSessionMode,
  XRVisibilityState,
} from '../device/device';
import type { Matrix } from '../geometry/matrix';
import { SimulatedInputs } from './simulated_input';

/** FakeXRDeviceInit, converted. */
export interface SimulatedDeviceInit {
  readonly modes: readonly XRSessionMode[];
  readonly features: readonly string[];
  readonly views: readonly DeviceView[];
  readonly blendMode: XREnvironmentBlendMode;
  readonly interactionMode: XRInteractionMode;
  readonly viewer: Matrix | null;
  readonly floor: Matrix | null;
  readonly bounds: readonly (readonly [number, number])[];
  readonly depthSupport: DepthSupport;
  readonly depth: NativeDepth | null;
}

/** What a test may change. */
export type Change = Partial<Pick<DeviceFrame, 'depth' | 'views' | 'viewer' | 'emulatedPosition'>>;

export class SimulatedDevice implements Device {
  readonly modes: readonly XRSessionMode[];
  readonly features: readonly string[];
  readonly blendMode: XREnvironmentBlendMode;
  readonly interactionMode: XRInteractionMode;
  readonly depthSupport: DepthSupport;
  readonly gpu = 'linear';
  readonly inputs = new SimulatedInputs();
  localFromFloor: Matrix | null;
  bounds: readonly (readonly [number, number])[];
  current: DeviceFrame;
  onframe: (() => void) | null = null;
  onreset: (() => void) | null = null;
  onvisibility: ((state: XRVisibilityState) => void) | null = null;

  constructor(init: SimulatedDeviceInit) {
    this.modes = init.modes;
    this.features = init.features;
    this.blendMode = init.blendMode;
    this.interactionMode = init.interactionMode;
    this.depthSupport = init.depthSupport;
    this.localFromFloor = init.floor;
    this.bounds = init.bounds;
    const { depth, views, viewer } = init;
    this.current = { sequence: 0, time: performance.now(), depth, views, viewer, emulatedPosition: false };
  }

  /** From the next frame on. It comes with the window's next animation frame: a fake device has no clock of its own. */
  change(change: Change): void {
    this.current = { ...this.current, ...change, sequence: this.current.sequence + 1, time: performance.now() };
  }
}
