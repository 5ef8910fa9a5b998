// The events of WebXR: each says what its dictionary gave it.
import { toDictionary, toSequence } from '../idl/convert';
import { published, required, Slots, type Interface } from '../idl/interface';
import { frames, inputSources, referenceSpaces, sessions, transforms } from './states';

type Members = Readonly<Record<string, unknown>>;

/** A required member that has to be an object of one interface. */
function member(given: Members, name: string, slots: Slots<object>, event: string): object {
  if (given[name] === undefined) throw new TypeError(`${event}: required member ${name} is undefined.`);
  slots.argument(given[name], `${event}: ${name}`, 2);
  return given[name] as object;
}

const sessionEvents = new Slots<{ session: object }>('XRSessionEvent');

export class XRSessionEvent extends Event {
  constructor(type: string, eventInitDict: unknown) {
    required(arguments, 2, 'XRSessionEvent');
    const given = toDictionary(eventInitDict, 'XRSessionEventInit');
    super(type, given);
    sessionEvents.fill(this, { session: member(given, 'session', sessions, 'XRSessionEvent') });
  }

  get session(): object {
    return sessionEvents.of(this).session;
  }
}
published(XRSessionEvent, 'XRSessionEvent');

const inputSourceEvents = new Slots<{ frame: object; inputSource: object }>('XRInputSourceEvent');

export class XRInputSourceEvent extends Event {
  constructor(type: string, eventInitDict: unknown) {
    required(arguments, 2, 'XRInputSourceEvent');
    const given = toDictionary(eventInitDict, 'XRInputSourceEventInit');
    super(type, given);
    const frame = member(given, 'frame', frames, 'XRInputSourceEvent');
    inputSourceEvents.fill(this, {
      frame,
      inputSource: member(given, 'inputSource', inputSources, 'XRInputSourceEvent'),
    });
  }

  get frame(): object {
    return inputSourceEvents.of(this).frame;
  }

  get inputSource(): object {
    return inputSourceEvents.of(this).inputSource;
  }
}
published(XRInputSourceEvent, 'XRInputSourceEvent');

const changeEvents = new Slots<{ session: object; added: readonly object[]; removed: readonly object[] }>(
  'XRInputSourcesChangeEvent',
);

export class XRInputSourcesChangeEvent extends Event {
  constructor(type: string, eventInitDict: unknown) {
    required(arguments, 2, 'XRInputSourcesChangeEvent');
    const given = toDictionary(eventInitDict, 'XRInputSourcesChangeEventInit');
    super(type, given);
    const listed = (name: string) => {
      if (given[name] === undefined)
        throw new TypeError(`XRInputSourcesChangeEvent: required member ${name} is undefined.`);
      return Object.freeze(
        toSequence(given[name], name, (entry) => {
          inputSources.argument(entry, `XRInputSourcesChangeEvent: ${name}`, 2);
          return entry as object;
        }),
      );
    };
    const [added, removed] = [listed('added'), listed('removed')];
    changeEvents.fill(this, {
      session: member(given, 'session', sessions, 'XRInputSourcesChangeEvent'),
      added,
      removed,
    });
  }

  get session(): object {
    return changeEvents.of(this).session;
  }

  get added(): readonly object[] {
    return changeEvents.of(this).added;
  }

  get removed(): readonly object[] {
    return changeEvents.of(this).removed;
  }
}
published(XRInputSourcesChangeEvent, 'XRInputSourcesChangeEvent');

const spaceEvents = new Slots<{ referenceSpace: object; transform: object | null }>('XRReferenceSpaceEvent');

export class XRReferenceSpaceEvent extends Event {
  constructor(type: string, eventInitDict: unknown) {
    required(arguments, 2, 'XRReferenceSpaceEvent');
    const given = toDictionary(eventInitDict, 'XRReferenceSpaceEventInit');
    super(type, given);
    const moved = given['transform'] ?? null;
    if (moved !== null) transforms.argument(moved, 'XRReferenceSpaceEvent: transform', 2);
    const referenceSpace = member(given, 'referenceSpace', referenceSpaces, 'XRReferenceSpaceEvent');
    spaceEvents.fill(this, { referenceSpace, transform: moved as object | null });
  }

  get referenceSpace(): object {
    return spaceEvents.of(this).referenceSpace;
  }

  get transform(): object | null {
    return spaceEvents.of(this).transform;
  }
}
published(XRReferenceSpaceEvent, 'XRReferenceSpaceEvent');

export const eventInterfaces: Readonly<Record<string, Interface>> = {
  XRSessionEvent,
  XRInputSourceEvent,
  XRInputSourcesChangeEvent,
  XRReferenceSpaceEvent,
};
