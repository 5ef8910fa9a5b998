// Interfaces as Web IDL wants them: what JavaScript's classes leave open.
//
//   class XRThing { constructor() { illegalConstructor(); }  get size() { return things.of(this).size; } }
//   const things = new Slots<ThingState>('XRThing');
//   published(XRThing, 'XRThing');
//   things.fill(created(XRThing), state)

// A class whose constructor throws is still a constructor to TypeScript.
export type Interface<T extends object = object> = { new (...values: never[]): T; prototype: T };

/** What stands behind the objects of one interface; without it an object is none, whatever its prototype. */
export class Slots<State extends object> {
  readonly #name: string;
  readonly #states = new WeakMap<object, State>();

  constructor(name: string) {
    this.#name = name;
  }

  fill<T extends object>(object: T, state: State): T {
    this.#states.set(object, state);
    return object;
  }

  /** What stands behind a value of the page; undefined: it is no object of this interface. */
  peek(value: unknown): State | undefined {
    return this.#states.get(value as object);
  }

  /** Behind `this` of a member. Throws TypeError, ahead of all other checks. */
  of(self: unknown): State {
    const state = this.peek(self);
    if (!state) throw new TypeError('Illegal invocation');
    return state;
  }

  /** Behind an argument. Throws TypeError. */
  argument(value: unknown, member: string, position = 1): State {
    const state = this.peek(value);
    if (!state) throw new TypeError(`${member}: parameter ${position} is not of type '${this.#name}'.`);
    return state;
  }
}

/** What a constructor hands to its parent's, where pages may call the first and not the second. */
export const permit = Symbol('permit');

/** The body of a constructor that pages may not call. */
export function illegalConstructor(given?: unknown): void {
  if (given !== permit) throw new TypeError('Illegal constructor');
}

/** A new object of an interface whose constructor throws. */
export function created<T extends object>(type: Interface<T>): T {
  const base = type.prototype instanceof EventTarget ? EventTarget : Object;
  return Reflect.construct(base, [], type) as T;
}

/** Throws TypeError where a call has fewer arguments than its required ones. */
export function required(given: ArrayLike<unknown>, count: number, member: string): void {
  if (given.length < count)
    throw new TypeError(
      `${member}: ${count} argument${count > 1 ? 's' : ''} required, but only ${given.length} present.`,
    );
}

const hidden = (value: unknown) => ({ value, writable: false, enumerable: false, configurable: true });

/** Gives a class its name (which minifiers change), its toStringTag, and members that can be enumerated. */
export function published(type: Interface, name: string): void {
  Object.defineProperty(type, 'name', hidden(name));
  Object.defineProperty(type.prototype, Symbol.toStringTag, hidden(name));
  const own = (owner: object, others: string[]) =>
    Object.getOwnPropertyNames(owner).filter((key) => !others.includes(key));
  for (const key of own(type, ['length', 'name', 'prototype']))
    Object.defineProperty(type, key, { enumerable: true });
  for (const key of own(type.prototype, ['constructor']))
    Object.defineProperty(type.prototype, key, { enumerable: true });
}

/** Puts members onto a prototype, as a partial interface does. They are an object's getters and methods. */
export function extend(prototype: object, members: object): void {
  const found = Object.getOwnPropertyDescriptors(members);
  for (const key of Object.keys(found))
    Object.defineProperty(prototype, key, { ...found[key], enumerable: true });
}

/** Puts interfaces where pages find them: not enumerable, over whatever the browser has there. */
export function exposed(interfaces: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(interfaces))
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
