// The runtime as a module: `import 'nearfar-webxr'` installs it, and `connect` puts a device of one's own under it.
import { install } from '../core/install';
import type { Device } from '../device/device';
import { stillDevice } from '../device/still_device';

const hook = install(stillDevice());

/** Puts a device under navigator.xr in place of the one before, whose session ends; null takes it away. */
export function connect(device: Device | null): void {
  hook.connect(device);
}

export type { DepthSupport, NativeDepth } from '../depth/host';
export type { Device, DeviceFrame, DeviceSession, DeviceView, FieldOfView } from '../device/device';
export type { DeviceInput, DeviceInputs } from '../device/input';
