// XRInputSource and the array of them that a session has.
import { created, illegalConstructor, published } from '../idl/interface';
import { inputSourceArrays, inputSources, type InputSource } from './states';

export class XRInputSource {
  constructor() {
    illegalConstructor();
  }

  get handedness(): string {
    return inputSources.of(this).handedness;
  }

  get targetRayMode(): string {
    return inputSources.of(this).targetRayMode;
  }

  get targetRaySpace(): object {
    return inputSources.of(this).targetRaySpace;
  }

  get gripSpace(): object | null {
    return inputSources.of(this).gripSpace;
  }

  get profiles(): readonly string[] {
    return inputSources.of(this).profiles;
  }

  get skipRendering(): boolean {
    return inputSources.of(this).targetRayMode === 'screen';
  }

  get gamepad(): null {
    inputSources.of(this);
    return null;
  }
}
published(XRInputSource, 'XRInputSource');

export class XRInputSourceArray {
  constructor() {
    illegalConstructor();
  }

  get length(): number {
    return inputSourceArrays.of(this).length;
  }
}
// Web IDL's iterable<> of a list: Array's own functions, on what has a length and indices.
for (const key of ['entries', 'forEach', 'keys', 'values', Symbol.iterator] as const)
  Object.defineProperty(XRInputSourceArray.prototype, key, {
    value: Array.prototype[key],
    writable: true,
    enumerable: key !== Symbol.iterator,
    configurable: true,
  });
published(XRInputSourceArray, 'XRInputSourceArray');

export function inputSource(state: InputSource): XRInputSource {
  return inputSources.fill(created(XRInputSource), state);
}

export function inputSourceArray(): XRInputSourceArray {
  return inputSourceArrays.fill(created(XRInputSourceArray), []);
}

/** Gives the array other entries: it stays the same object. */
export function listSources(array: object, sources: readonly object[]): void {
  const list = inputSourceArrays.of(array);
  for (let index = sources.length; index < list.length; index++) Reflect.deleteProperty(array, index);
  sources.forEach((value, index) =>
    Object.defineProperty(array, index, { value, writable: false, enumerable: true, configurable: true }),
  );
  list.splice(0, list.length, ...sources);
}
