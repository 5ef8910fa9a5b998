// Event handler attributes (`onend` and its kin): a listener that holds its place in the order until it is
// taken away.
import type { Interface, Slots } from './interface';

type Handler = ((event: Event) => unknown) | { handleEvent?: unknown } | null;

interface Holder {
  handler: Handler;
  listener(event: Event): void;
}

const holders = new WeakMap<object, Map<string, Holder>>();

function holderOf(target: EventTarget, type: string): Holder {
  let found = holders.get(target);
  if (!found) holders.set(target, (found = new Map()));
  let holder = found.get(type);
  if (!holder) {
    const made: Holder = {
      handler: null,
      listener(event) {
        const answer = typeof made.handler === 'function' ? made.handler.call(target, event) : undefined;
        if (answer === false) event.preventDefault();
      },
    };
    found.set(type, (holder = made));
  }
  return holder;
}

/** Gives an interface the attribute `on` + type for each of `types`. */
export function handlers<State extends object>(
  type: Interface<EventTarget>,
  slots: Slots<State>,
  types: string[],
): void {
  for (const event of types) {
    const name = `on${event}`;
    const attribute = Object.getOwnPropertyDescriptor(
      {
        get [name](): Handler {
          slots.of(this);
          return holderOf(this as unknown as EventTarget, event).handler;
        },
        set [name](value: unknown) {
          slots.of(this);
          const target = this as unknown as EventTarget;
          const holder = holderOf(target, event);
          const handler =
            typeof value === 'function' || typeof value === 'object' ? (value as Handler) : null;
          if (holder.handler && !handler) target.removeEventListener(event, holder.listener);
          if (!holder.handler && handler) target.addEventListener(event, holder.listener);
          holder.handler = handler;
        },
      },
      name,
    )!;
    Object.defineProperty(type.prototype, name, attribute);
  }
}
