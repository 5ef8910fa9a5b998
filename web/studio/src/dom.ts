// Elements in one expression: element('button', { class: 'primary', onclick: save }, 'Save').

export type Child = Node | string | null | undefined | false;
type Listener = (event: never) => void;
export type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | Listener>>;

/** An element with attributes, listeners (`onclick`) and children; what is null, undefined or false is left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** Puts children in the place of those that an element has. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}

/** A file's name that breaks where it has parts: a long one is as wide as a phone. */
export function breakable(name: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const part of name.split(/(?<=[_.\- ])/)) made.append(part, document.createElement('wbr'));
  return made;
}

let ids = 0;
/** An id that no other element has. */
export function freshId(prefix: string): string {
  return `${prefix}-${++ids}`;
}

/** A labelled control: the label is what a screen reader says. */
export function labelled(text: string, control: HTMLElement, ...more: Child[]): HTMLElement {
  control.id ||= freshId('control');
  return element('div', { class: 'field' }, element('label', { for: control.id }, text), control, ...more);
}
