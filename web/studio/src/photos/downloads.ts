// What can be taken away of a photo, with what each file is good for.
import type { PhotoDetails } from '../../../protocol/answers';
import { photos, request } from '../api';
import { element, fill } from '../dom';
import { attempt } from '../shell/notices';
import { apertureInWords } from './aperture';
import { lookQuery, type Look } from './portrait_renderer';
import { stemOf } from '../words';

interface Offer {
  readonly name: string;
  readonly words: string;
  readonly address: string;
  /** Where the server gives the file no name. */
  readonly saveAs?: string;
}

export class Downloads {
  readonly element: HTMLElement;
  readonly #list = element('ul', { class: 'downloads' });
  readonly #note = element('p', { class: 'soft' });

  constructor() {
    this.element = element(
      'section',
      { class: 'panel', 'aria-label': 'Download' },
      element('h2', {}, 'Download'),
      this.#list,
      this.#note,
    );
  }

  /** Offers what there is of a photo; `look`: as it is seen now, null where it has no depth. */
  show(details: PhotoDetails, look: Look | null, saved: boolean): void {
    const offers = look && details.depth ? withDepth(details, look) : without(details);
    fill(this.#list, ...offers.map((offer) => element('li', {}, link(offer))));
    this.#note.textContent = saved ? '' : 'HEIC and JPEG have the edit once it is saved.';
    this.#note.hidden = saved;
  }
}

function without({ entry }: PhotoDetails): readonly Offer[] {
  return [
    {
      name: 'HEIC',
      words: 'the photo, small; for iPhone and Mac',
      address: photos.address(entry.id, 'download/heic'),
    },
    { name: 'JPEG', words: 'the photo, for any program', address: photos.address(entry.id, 'download/jpg') },
  ];
}

function withDepth({ entry, depth }: PhotoDetails, look: Look): readonly Offer[] {
  const { id, name } = entry;
  const aperture = apertureInWords(look.fNumber);
  const millimetres = depth!.relative ? 'nominal millimetres' : 'millimetres';
  return [
    {
      name: 'HEIC',
      words: 'the photo with its depth and the saved edit; iPhone and Mac can change it again',
      address: photos.address(id, 'download/heic'),
    },
    { name: 'JPEG', words: 'the same as a JPEG, depth inside', address: photos.address(id, 'download/jpg') },
    {
      name: 'Portrait JPEG',
      words: `the picture as you see it, at ${aperture}, in full; for any program`,
      address: photos.address(id, 'portrait.jpg', lookQuery(look)),
      saveAs: `${stemOf(name)} ${aperture.replace('/', '')}.jpg`,
    },
    ...(depth!.metric
      ? [
          {
            name: 'Depth PNG',
            words: `distances, 16 bits, in ${millimetres}`,
            address: photos.address(id, 'download/png'),
          },
        ]
      : []),
    {
      name: 'Points PLY',
      words: 'a cloud of coloured points, for 3-D programs',
      address: photos.address(id, 'download/ply'),
    },
  ];
}

function link(offer: Offer): HTMLElement {
  const words = element('span', { class: 'soft' }, offer.words);
  const made = element(
    'a',
    { class: 'download', href: offer.address, download: offer.saveAs ?? '' },
    element('strong', {}, offer.name),
    words,
  );
  made.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault(); // the browser would say "failed"; the server says why
    if (made.ariaBusy === 'true') return;
    made.ariaBusy = 'true';
    words.textContent = 'is being made…';
    void attempt(() => save(offer)).finally(() => {
      made.ariaBusy = null;
      words.textContent = offer.words;
    });
  });
  return made;
}

async function save(offer: Offer): Promise<void> {
  const response = await request(offer.address);
  const url = URL.createObjectURL(await response.blob());
  const name = offer.saveAs ?? nameIn(response.headers.get('Content-Disposition')) ?? '';
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it after the click
}

function nameIn(disposition: string | null): string | null {
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '');
  return found && decodeURIComponent(found[1]!);
}
