// The dictionaries of the WebXR Test API, made from a page's values: shapes of the fake device, its views and depth.
import type { DepthSupport, NativeDepth, XRDepthDataFormat, XRDepthType, XRDepthUsage } from '../depth/host';
import type { DeviceView, FieldOfView } from '../device/device';
import { type Matrix, composed } from '../geometry/matrix';
import { toDictionary, toDouble, toEnum, toFloat, toSequence, toUnsignedLong } from '../idl/convert';
import { invalidState } from '../idl/errors';

type Members = Readonly<Record<string, unknown>>;

const EYES = ['none', 'left', 'right'] as const;
const TYPES: readonly XRDepthType[] = ['raw', 'smooth'];
const FORMATS: readonly XRDepthDataFormat[] = ['luminance-alpha', 'float32', 'unsigned-short'];
const USAGES: readonly XRDepthUsage[] = ['cpu-optimized', 'gpu-optimized'];

/** A member that a dictionary must have. */
export function member(members: Members, key: string, dictionary: string): unknown {
  const value = members[key];
  if (value === undefined) throw new TypeError(`${dictionary}: required member ${key} is undefined.`);
  return value;
}

/** A sequence of floats with as many entries as the specification says. */
export function floats(value: unknown, name: string, count: number): number[] {
  const found = toSequence(value, name, (entry) => toFloat(entry, name));
  if (found.length !== count) throw new TypeError(`${name}: ${count} numbers are needed, ${found.length} were given.`);
  return found;
}

/** FakeXRRigidTransformInit, "parse a rigid transform". */
export function toRigid(value: unknown, name: string): Matrix {
  const members = toDictionary(value, 'FakeXRRigidTransformInit');
  const orientation = floats(member(members, 'orientation', name), `${name}.orientation`, 4);
  const position = floats(member(members, 'position', name), `${name}.position`, 3);
  const length = Math.hypot(...orientation);
  if (length === 0) throw invalidState(`${name}.orientation has no length.`);
  return composed(position, orientation.map((part) => part / length));
}

/** FakeXRViewInit, "parse a view". */
export function toView(value: unknown): DeviceView {
  const members = toDictionary(value, 'FakeXRViewInit');
  const eye = toEnum(member(members, 'eye', 'FakeXRViewInit'), EYES, 'XREye');
  const field = members['fieldOfView'] === undefined ? null : toFieldOfView(members['fieldOfView']);
  const matrix = floats(member(members, 'projectionMatrix', 'FakeXRViewInit'), 'projectionMatrix', 16);
  const size = toDictionary(member(members, 'resolution', 'FakeXRViewInit'), 'FakeXRDeviceResolution');
  const resolution = {
    width: toUnsignedLong(member(size, 'width', 'FakeXRDeviceResolution')),
    height: toUnsignedLong(member(size, 'height', 'FakeXRDeviceResolution')),
  };
  const viewerFromView = toRigid(member(members, 'viewOffset', 'FakeXRViewInit'), 'viewOffset');
  return { eye, projection: field ?? new Float32Array(matrix), viewerFromView, resolution };
}

function toFieldOfView(value: unknown): FieldOfView {
  const members = toDictionary(value, 'FakeXRFieldOfViewInit');
  const tangent = (key: string) => {
    const degrees = toFloat(member(members, key, 'FakeXRFieldOfViewInit'), key);
    return Math.tan((degrees * Math.PI) / 180);
  };
  return {
    down: tangent('downDegrees'),
    left: tangent('leftDegrees'),
    right: tangent('rightDegrees'),
    up: tangent('upDegrees'),
  };
}

/** A sequence of FakeXRBoundsPoint: corners of the room, at least three. */
export function toBounds(value: unknown): readonly (readonly [number, number])[] {
  const corners = toSequence(value, 'boundsCoordinates', (entry): readonly [number, number] => {
    const members = toDictionary(entry, 'FakeXRBoundsPoint');
    const part = (key: string) => (members[key] === undefined ? 0 : toDouble(members[key], key));
    return [part('x'), part('z')];
  });
  if (corners.length < 3) throw new TypeError('boundsCoordinates: at least three points are needed.');
  return corners;
}

/** The init's depthSupport: what is missing or empty stands for all there is; what comes first is preferred. */
export function toDepthSupport(value: unknown): DepthSupport {
  const members = toDictionary(value, 'FakeXRDepthConfig');
  const list = <T extends string>(key: string, all: readonly T[], type: string): readonly T[] => {
    if (members[key] === undefined) return all;
    const given = toSequence(members[key], key, (entry) => toEnum(entry, all, type));
    return given.length === 0 ? all : given;
  };
  return {
    formats: list('depthFormats', FORMATS, 'XRDepthDataFormat'),
    types: list('depthTypes', TYPES, 'XRDepthType'),
    usages: list('depthUsages', USAGES, 'XRDepthUsage'),
  };
}

/** FakeXRDepthSensingDataInit. The bytes are copied: a page may go on writing into its own. */
export function toNativeDepth(value: unknown): NativeDepth {
  const name = 'FakeXRDepthSensingDataInit';
  const members = toDictionary(value, name);
  const bytes = copiedBytes(member(members, 'depthData', name));
  const format = toEnum(member(members, 'depthFormat', name), FORMATS, 'XRDepthDataFormat');
  const height = toUnsignedLong(member(members, 'height', name));
  const transform = toRigid(member(members, 'normDepthBufferFromNormView', name), 'normDepthBufferFromNormView');
  const matrix = members['projectionMatrix'];
  const projection = matrix === undefined ? null : new Float32Array(floats(matrix, 'projectionMatrix', 16));
  const scale = toFloat(member(members, 'rawValueToMeters', name), 'rawValueToMeters');
  const offset = members['viewOffset'];
  const width = toUnsignedLong(member(members, 'width', name));
  const needed = width * height * (format === 'float32' ? 4 : 2);
  if (bytes.byteLength !== needed)
    throw new TypeError(`depthData: ${width}×${height} of ${format} are ${needed} bytes, not ${bytes.byteLength}.`);
  return {
    bytes,
    format,
    width,
    height,
    rawValueToMeters: scale,
    normDepthBufferFromNormView: transform,
    projection,
    viewerFromSensor: offset === undefined ? null : toRigid(offset, 'viewOffset'),
  };
}

/** Of an ArrayBuffer, or of that part of one that a view shows. */
function copiedBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  throw new TypeError('depthData: neither an ArrayBuffer nor a view of one.');
}
