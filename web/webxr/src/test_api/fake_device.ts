// FakeXRDevice, https://immersive-web.github.io/webxr-test-api/#fakexrdevice-interface
import type { XREnvironmentBlendMode, XRInteractionMode, XRSessionMode, XRVisibilityState } from '../device/device';
import { toDictionary, toDOMString, toEnum, toSequence } from '../idl/convert';
import { Slots, created, illegalConstructor, published } from '../idl/interface';
import { member, toBounds, toDepthSupport, toNativeDepth, toRigid, toView } from './dictionaries';
import { type FakeXRInputController, connectedInput } from './fake_input';
import { SimulatedDevice, type SimulatedDeviceInit } from './simulated_device';

const MODES: readonly XRSessionMode[] = ['inline', 'immersive-vr', 'immersive-ar'];
const BLENDS: readonly XREnvironmentBlendMode[] = ['opaque', 'additive', 'alpha-blend'];
const INTERACTIONS: readonly XRInteractionMode[] = ['screen-space', 'world-space'];
const VISIBILITIES: readonly XRVisibilityState[] = ['visible', 'visible-blurred', 'hidden'];

const toViews = (value: unknown) => toSequence(value, 'views', toView);

interface FakeDeviceState {
  readonly device: SimulatedDevice;
  readonly disconnect: () => void;
}

const devices = new Slots<FakeDeviceState>('FakeXRDevice');

export class FakeXRDevice extends EventTarget {
  constructor() {
    illegalConstructor();
    super();
  }

  setViews(views: unknown): void {
    devices.of(this).device.change({ views: toViews(views) });
  }

  async disconnect(): Promise<void> {
    devices.of(this).disconnect();
  }

  setViewerOrigin(origin: unknown, emulatedPosition: unknown = false): void {
    const { device } = devices.of(this);
    device.change({ viewer: toRigid(origin, 'origin'), emulatedPosition: Boolean(emulatedPosition) });
  }

  clearViewerOrigin(): void {
    devices.of(this).device.change({ viewer: null });
  }

  setFloorOrigin(origin: unknown): void {
    devices.of(this).device.localFromFloor = toRigid(origin, 'origin');
  }

  clearFloorOrigin(): void {
    devices.of(this).device.localFromFloor = null;
  }

  setBoundsGeometry(boundsCoordinates: unknown): void {
    devices.of(this).device.bounds = toBounds(boundsCoordinates);
  }

  simulateResetPose(): void {
    devices.of(this).device.onreset?.();
  }

  simulateVisibilityChange(state: unknown): void {
    devices.of(this).device.onvisibility?.(toEnum(state, VISIBILITIES, 'XRVisibilityState'));
  }

  simulateInputSourceConnection(init: unknown): FakeXRInputController {
    return connectedInput(devices.of(this).device.inputs, init);
  }

  setDepthSensingData(depthSensingData: unknown): void {
    devices.of(this).device.change({ depth: toNativeDepth(depthSensingData) });
  }

  clearDepthSensingData(): void {
    devices.of(this).device.change({ depth: null });
  }
}
published(FakeXRDevice, 'FakeXRDevice');

/** A page's hand on a device. */
export function fakeDevice(device: SimulatedDevice, disconnect: () => void): FakeXRDevice {
  return devices.fill(created(FakeXRDevice), { device, disconnect });
}

/** FakeXRDeviceInit. */
export function toDeviceInit(value: unknown): SimulatedDeviceInit {
  const members = toDictionary(value, 'FakeXRDeviceInit');
  const given = <T>(key: string, convert: (value: unknown) => T, otherwise: T): T =>
    members[key] === undefined ? otherwise : convert(members[key]);
  const modes = toModes(members);
  const blendMode = modes.includes('immersive-ar') ? 'additive' : 'opaque';
  return {
    modes,
    views: toViews(member(members, 'views', 'FakeXRDeviceInit')),
    features: given('supportedFeatures', (list) => toSequence(list, 'supportedFeatures', toDOMString), []),
    blendMode: given('environmentBlendMode', (mode) => toEnum(mode, BLENDS, 'XREnvironmentBlendMode'), blendMode),
    interactionMode: given('interactionMode', (mode) => toEnum(mode, INTERACTIONS, 'XRInteractionMode'), 'world-space'),
    viewer: given('viewerOrigin', (origin) => toRigid(origin, 'viewerOrigin'), null),
    floor: given('floorOrigin', (origin) => toRigid(origin, 'floorOrigin'), null),
    bounds: given('boundsCoordinates', toBounds, []),
    depthSupport: toDepthSupport(members['depthSupport']),
    depth: given('depthSensingData', toNativeDepth, null),
  };
}

function toModes(members: Readonly<Record<string, unknown>>): readonly XRSessionMode[] {
  const given = members['supportedModes'];
  if (given === undefined) {
    const immersive = member(members, 'supportsImmersive', 'FakeXRDeviceInit');
    return immersive ? ['inline', 'immersive-vr'] : ['inline'];
  }
  const modes = toSequence(given, 'supportedModes', (mode) => toEnum(mode, MODES, 'XRSessionMode'));
  return modes.length === 0 ? ['inline'] : modes;
}
