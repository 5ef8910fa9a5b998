// The studio's page: three views, one of which is looked at: #live, #photos/ID, #takes/ID.
import { LiveView } from './live/live_view';
import { PhotosView } from './photos/photos_view';
import type { View } from './shell/view';
import { TakesView } from './takes/takes_view';

const makers: Readonly<Record<string, () => View>> = {
  live: () => new LiveView(),
  photos: () => photos,
  takes: () => new TakesView(),
};
const photos = new PhotosView(); // at once: photos are dropped under any tab
const made = new Map<string, View>();
const main = document.getElementById('view')!;
let shown: View | null = null;

function go(): void {
  const [name = 'live', ...rest] = location.hash.slice(1).split('/');
  if (shown && location.hash === '#view') return; // the link that skips to the view
  const known = Object.hasOwn(makers, name) ? name : 'live';
  const view = made.get(known) ?? makers[known]!();
  made.set(known, view);
  if (view !== shown) {
    shown?.hide();
    main.replaceChildren(view.element);
    shown = view;
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a[href^="#"]'))
    mark(link, link.hash === `#${known}`);
  document.title = `${known[0]!.toUpperCase()}${known.slice(1)} – nearfar studio`;
  view.show(decoded(rest.join('/')));
}

/** As it is where it is no code: an address may be typed by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function mark(link: HTMLAnchorElement, current: boolean): void {
  if (current) link.setAttribute('aria-current', 'page');
  else link.removeAttribute('aria-current');
}

addEventListener('hashchange', go);
go();
