// Compares what is on `window` with the shape that idl.mjs has printed: shapeErrors(interfaces) gives one line for
// whatever is otherwise than Web IDL wants it. https://webidl.spec.whatwg.org/#javascript-binding
async function shapeErrors(interfaces) {
  const errors = [];
  const check = (right, place, problem) => right || errors.push(`${place}: ${problem}`);
  const throwsTypeError = (act) => {
    try {
      act();
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  };
  const describe = (object, key, expected, place) => {
    const found = Object.getOwnPropertyDescriptor(object, key);
    for (const [name, value] of Object.entries(expected)) check(found?.[name] === value, place, `${name} is not ${value}`);
  };

  for (const [name, { parent, constructor, ours, members }] of Object.entries(interfaces)) {
    const type = globalThis[name];
    if (typeof type !== 'function' || (ours && `${type}`.includes('[native code]'))) {
      errors.push(`${name}: absent`);
      continue;
    }
    if (ours) checkInterface(name, type, parent, constructor);
    for (const [key, member] of Object.entries(members)) await checkMember(`${name}.${key}`, type, key, member);
    if (ours) checkExtra(name, type, members);
  }
  return errors;

  function checkInterface(name, type, parent, constructor) {
    describe(globalThis, name, { writable: true, enumerable: false, configurable: true }, name);
    describe(type, 'name', { value: name, writable: false, enumerable: false, configurable: true }, `${name}.name`);
    const length = { value: constructor ?? 0, writable: false, enumerable: false, configurable: true };
    describe(type, 'length', length, `${name}.length`);
    describe(type, 'prototype', { writable: false, enumerable: false, configurable: false }, `${name}.prototype`);
    const from = { value: type, writable: true, enumerable: false, configurable: true };
    describe(type.prototype, 'constructor', from, `${name}.prototype.constructor`);
    const tag = { value: name, writable: false, enumerable: false, configurable: true };
    describe(type.prototype, Symbol.toStringTag, tag, `${name}.prototype[@@toStringTag]`);
    const base = parent ? globalThis[parent] : null;
    check(Object.getPrototypeOf(type) === (base ?? Function.prototype), name, `does not inherit from ${parent}`);
    const above = base?.prototype ?? Object.prototype;
    check(Object.getPrototypeOf(type.prototype) === above, name, `its objects do not inherit from ${parent}`);
    check(throwsTypeError(() => type()), name, 'can be called without new');
    if (constructor === null || constructor > 0) check(throwsTypeError(() => new type()), name, 'can be constructed');
    if (constructor === null)
      check(throwsTypeError(() => Reflect.construct(type, [], class {})), name, 'can be constructed by a heir');
  }

  async function checkMember(place, type, key, { kind, readonly, length, promise }) {
    if (kind === 'iterable') return checkIterable(place, type.prototype);
    const owner = kind === 'static' ? type : (type.prototype ?? type);
    const found = Object.getOwnPropertyDescriptor(owner, key);
    if (!found) return errors.push(`${place}: absent`);
    check(found.enumerable && found.configurable, place, 'cannot be enumerated or configured');
    const wrong = [{}, owner, Object.create(owner), undefined, 1];
    if (kind === 'attribute') {
      check(found.get?.name === `get ${key}` && found.get.length === 0, place, `its getter is ${found.get?.name}`);
      for (const self of wrong)
        if (self !== undefined || type.prototype) check(refuses(found.get, self), place, `can be read of ${self}`);
      if (readonly) check(found.set === undefined, place, 'can be set');
      else {
        check(found.set?.name === `set ${key}` && found.set.length === 1, place, `its setter is ${found.set?.name}`);
        check(refuses(found.set, {}, null), place, 'can be set on a plain object');
      }
      return;
    }
    const { value } = found;
    check(typeof value === 'function' && found.writable, place, 'is no writable function');
    check(value.name === key, place, `its name is ${value.name}`);
    check(value.length === length, place, `its length is ${value.length}, not ${length}`);
    check(!('prototype' in value) && throwsTypeError(() => new value()), place, 'can be constructed');
    if (kind === 'static') return;
    for (const self of wrong) {
      if (!promise) check(refuses(value, self), place, `can be called on ${self}`);
      else
        await Reflect.apply(value, self, []).then(
          () => check(false, place, `can be called on ${self}`),
          (error) => check(error instanceof TypeError, place, `refuses ${self} with ${error.name}`),
        );
    }
  }

  function refuses(act, self, ...values) {
    return throwsTypeError(() => Reflect.apply(act, self, values));
  }

  function checkIterable(place, prototype) {
    for (const key of ['entries', 'forEach', 'keys', 'values', Symbol.iterator]) {
      const enumerable = key !== Symbol.iterator;
      const expected = { value: Array.prototype[key], writable: true, enumerable, configurable: true };
      describe(prototype, key, expected, `${place} ${String(key)}`);
    }
  }

  function checkExtra(name, type, members) {
    const known = ['constructor', 'length', 'name', 'prototype', ...Object.keys(members)];
    const list = 'iterable' in members ? ['entries', 'forEach', 'keys', 'values'] : [];
    for (const owner of [type, type.prototype])
      for (const key of Object.getOwnPropertyNames(owner))
        if (![...known, ...list].includes(key)) errors.push(`${name}.${key}: not published`);
  }
}
