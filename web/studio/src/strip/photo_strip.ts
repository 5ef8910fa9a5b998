// The photos that are kept, as a row of small pictures: each is a link to the photo, arrow keys walk along it.
import type { PhotoEntry } from '../../../protocol/answers';
import { photos } from '../api';
import { element } from '../dom';
import { photoAddress } from '../shell/addresses';

const WAYS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: (_, last) => last,
};

export class PhotoStrip {
  readonly element: HTMLUListElement;
  /** Called when the arrow keys have come to a photo. */
  onwalk: ((entry: PhotoEntry) => void) | null = null;
  #entries: readonly PhotoEntry[] = [];
  #current: string | null = null;
  #thumbs = new Map<string, { version: string; item: HTMLLIElement; link: HTMLAnchorElement }>();

  constructor(label: string) {
    this.element = element('ul', { class: 'strip', 'aria-label': label });
    this.element.addEventListener('keydown', (event) => this.#walk(event));
  }

  /** Shows these photos, in this order; `current` is the one that is open. */
  show(entries: readonly PhotoEntry[], current: string | null = null): void {
    const focused = document.activeElement;
    this.#entries = entries;
    const before = this.#thumbs;
    this.#thumbs = new Map(
      entries.map((entry) => {
        const made = before.get(entry.id);
        return [
          entry.id,
          made?.version === entry.version ? made : { version: entry.version, ...thumb(entry) },
        ];
      }),
    );
    this.element.replaceChildren(...[...this.#thumbs.values()].map((each) => each.item));
    this.mark(current);
    for (const [id, { link }] of before) if (link === focused) this.#thumbs.get(id)?.link.focus();
  }

  /** Says which photo is open. */
  mark(current: string | null): void {
    this.#current = current;
    const reached = this.#thumbs.has(current ?? '') ? current : this.#entries[0]?.id;
    for (const [id, { link }] of this.#thumbs) {
      if (id === current) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      link.tabIndex = id === reached ? 0 : -1; // one stop for the Tab key, however many photos there are
    }
    const link = this.#thumbs.get(current ?? '')?.link;
    if (link) scrollAlong(this.element, link);
  }

  /** Loads no more what has not come of a photo's small picture, or of all: it is being deleted. */
  letGo(id: string | null): void {
    for (const [each, thumb] of this.#thumbs) {
      const picture = thumb.link.querySelector('img');
      if ((id !== null && each !== id) || !picture || picture.complete) continue;
      picture.removeAttribute('src');
      thumb.version = ''; // made anew where the photo stays after all
    }
  }

  /** Goes to the photo that is open, by keys. */
  focus(): void {
    this.element.querySelector<HTMLElement>('a[tabindex="0"]')?.focus();
  }

  #walk(event: KeyboardEvent): void {
    const way = WAYS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const links = [...this.#thumbs.values()].map((each) => each.link);
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    const to = way(at, links.length - 1);
    const entry = this.#entries[to];
    if (!entry || to === at) return;
    for (const [place, link] of links.entries()) link.tabIndex = place === to ? 0 : -1;
    links[to]!.focus({ preventScroll: true });
    scrollAlong(this.element, links[to]!);
    if (entry.id !== this.#current) this.onwalk?.(entry);
  }
}

function thumb(entry: PhotoEntry): { item: HTMLLIElement; link: HTMLAnchorElement } {
  const words = entry.problem ? 'cannot be shown' : entry.hasDepth ? '' : 'no depth';
  const picture = entry.problem
    ? element('span', { class: 'broken', 'aria-hidden': 'true' }, '⚠')
    : element('img', {
        src: photos.address(entry.id, 'thumbnail.jpg', { v: entry.version }),
        alt: '',
        loading: 'lazy',
        draggable: 'false',
      });
  const link = element(
    'a',
    {
      class: 'thumb',
      href: photoAddress(entry.id),
      title: entry.name,
      'aria-label': words ? `${entry.name}, ${words}` : entry.name,
      draggable: 'false',
    },
    picture,
    words && element('small', { 'aria-hidden': 'true' }, words),
  );
  return { item: element('li', {}, link), link };
}

/** Unlike scrollIntoView it leaves the page where it is. */
function scrollAlong(strip: HTMLElement, link: HTMLElement): void {
  const box = strip.getBoundingClientRect();
  const mine = link.getBoundingClientRect();
  if (mine.left < box.left) strip.scrollLeft -= box.left - mine.left + 8;
  else if (mine.right > box.right) strip.scrollLeft += mine.right - box.right + 8;
}
