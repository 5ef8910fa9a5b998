// A page's values, made into what a specification's IDL says they are. Each throws TypeError, as Web IDL
// does.

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** `double`: finite. */
export function toDouble(value: unknown, name: string): number {
  const number = Number(value);
  if (!Number.isFinite(number)) throw new TypeError(`${name}: the value is not finite.`);
  return number;
}

/** `float`: finite, and still so in 32 bits. */
export function toFloat(value: unknown, name: string): number {
  return toDouble(Math.fround(Number(value)), name);
}

/** `unsigned long`: as ToInt32 does, but from 0. */
export function toUnsignedLong(value: unknown): number {
  return Number(value) >>> 0;
}

/** `DOMString`. */
export function toDOMString(value: unknown): string {
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return String(value);
}

/** An `enum`. */
export function toEnum<T extends string>(value: unknown, values: readonly T[], name: string): T {
  const found = toDOMString(value);
  if (!(values as readonly string[]).includes(found))
    throw new TypeError(`The provided value '${found}' is not a valid enum value of type ${name}.`);
  return found as T;
}

/** A `sequence<T>`: whatever can be iterated, but no string. */
export function toSequence<T>(value: unknown, name: string, convert: (entry: unknown) => T): T[] {
  if (!isObject(value)) throw new TypeError(`${name}: the value cannot be converted to a sequence.`);
  const iterator = (value as { [Symbol.iterator]?: unknown })[Symbol.iterator];
  if (typeof iterator !== 'function')
    throw new TypeError(`${name}: the object must have a callable @@iterator.`);
  return Array.from(value as Iterable<unknown>, convert);
}

/** A dictionary whose members are yet to be converted: undefined and null are an empty one. */
export function toDictionary(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new TypeError(`The provided value is not of type '${name}'.`);
  return value as Record<string, unknown>;
}

/** A callback function. */
export function toFunction(value: unknown, name: string): (...values: unknown[]) => unknown {
  if (typeof value !== 'function') throw new TypeError(`${name}: the callback provided is not a function.`);
  return value as (...values: unknown[]) => unknown;
}
