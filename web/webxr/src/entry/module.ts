// The runtime as a module: `import 'nearfar-webxr'` installs it, and `connect` puts a device of one's own under it.
import { install, installedHook } from '../core/install';
import type { Device } from '../device/device';
import { stillDevice } from '../device/still_device';
import { streamAddress } from '../stream/address';
import { StreamDevice } from '../stream/stream_device';

const hook = installedHook() ?? install(stillDevice()); // a server's script may have been there first

let stream: StreamDevice | null = null;

/** Puts a device under navigator.xr in place of the one before, whose session ends; null takes it away. */
export function connect(device: Device | null): void {
  hook.connect(device);
  stream?.close();
  stream = null;
}

/** Connects the stream of a `nearfar serve`: "/nearfar/stream", or a whole address. The next `connect` closes it. */
export function connectStream(address: string, { movable = false } = {}): void {
  const next = new StreamDevice(streamAddress(address, document.baseURI), movable);
  connect(next);
  stream = next;
}

export { PROFILES, type Profile } from '../device/profiles';
export type { DepthSupport, NativeDepth } from '../depth/host';
export type { Device, DeviceFrame, DeviceSession, DeviceView, FieldOfView } from '../device/device';
export type { DeviceInput, DeviceInputs } from '../device/input';
