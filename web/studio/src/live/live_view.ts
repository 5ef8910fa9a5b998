// What the camera sees now, and how its depth is made.
// Nothing runs while nobody looks: neither under another tab of the page nor under another one of the browser.
import type { DepthType, Hello } from '../../../protocol/messages';
import { element } from '../dom';
import type { View } from '../shell/view';
import { Choices } from './choices';
import { keep, recalled, type Kept, type PaneName } from './kept';
import { LiveStream, seconds } from './live_stream';
import { Panes } from './panes';

const STARTING = 'The camera starts …';
const LOST =
  'The studio does not answer; this page tries again by itself. If `nearfar studio` was ended, start it again.';
const TITLES: Readonly<Partial<Record<PaneName, string>>> = {
  colour: 'Colour',
  depth: 'Depth',
  confidence: 'Confidence',
};
const FILTERS: Readonly<Record<DepthType, string>> = { smooth: 'Smooth', raw: 'As measured' };
const FILTER_WORDS: Readonly<Record<DepthType, string>> = {
  smooth: 'Noise is calmed and small holes are closed.',
  raw: 'Nothing is made up: noise stays, and there are holes where the camera is not sure.',
};
const PACE_EVERY = 500; // milliseconds

export class LiveView implements View {
  readonly element: HTMLElement;
  readonly #panes = new Panes();
  readonly #filter = new Choices('Filter', FILTERS, FILTER_WORDS, (depthType) =>
    this.#choose({ ...this.#kept, depthType }),
  );
  readonly #toggles = element('div', { class: 'choices', role: 'group', 'aria-label': 'Show' });
  readonly #pace = element('p', { class: 'pace soft mono' });
  readonly #problem = element('p', { class: 'problem', role: 'alert', hidden: true });
  readonly #stream = new LiveStream({
    hello: (hello) => this.#hello(hello),
    frame: (frame) => this.#panes.draw(frame),
    over: (reason) => this.#setOver(reason ?? LOST),
  });
  #kept: Kept = recalled();
  #types: readonly DepthType[] = [];
  #looked = false;
  #over: string | null = null;
  #ticking = 0;

  constructor() {
    for (const name of Object.keys(TITLES) as PaneName[]) this.#toggles.append(this.#toggleFor(name));
    const bar = element('div', { class: 'spread wrap' }, this.#toggles, this.#pace);
    const panel = element('section', { class: 'panel', 'aria-label': 'Camera' }, this.#filter.element);
    this.element = element(
      'section',
      { class: 'view live', 'aria-label': 'Live' },
      element('div', { class: 'stage' }, bar, this.#problem, this.#panes.element),
      element('div', { class: 'side' }, panel),
    );
    this.#arrange();
    this.#panes.clear(STARTING);
  }

  show(_rest: string): void {
    if (this.#looked) return;
    this.#looked = true;
    document.addEventListener('visibilitychange', this.#turn);
    this.#turn();
  }

  hide(): void {
    this.#looked = false;
    document.removeEventListener('visibilitychange', this.#turn);
    this.#turn();
  }

  /** Runs while it is looked at, and stands still else. */
  readonly #turn = (): void => {
    const looked = this.#looked && !document.hidden;
    clearInterval(this.#ticking);
    if (!looked) {
      this.#stream.close();
      return;
    }
    this.#stream.open(this.#wish());
    this.#ticking = setInterval(() => this.#tellPace(), PACE_EVERY);
  };

  #wish() {
    const shown = (name: PaneName) => this.#kept.shown.includes(name);
    return {
      color: shown('colour') || shown('points'),
      depthType: this.#kept.depthType,
      confidence: shown('confidence'),
    };
  }

  #hello(hello: Hello): void {
    this.#types = hello.depthSupport?.types ?? [];
    this.#showFilter();
    this.#setOver(null);
    this.#panes.clear(STARTING);
  }

  #choose(kept: Kept): void {
    this.#kept = kept;
    keep(kept);
    this.#showFilter();
    this.#arrange();
    this.#stream.want(this.#wish());
  }

  #toggleFor(name: PaneName): HTMLElement {
    return element('button', { type: 'button', value: name, onclick: () => this.#toggle(name) }, TITLES[name]);
  }

  /** One stays: a view of nothing would be a riddle. */
  #toggle(name: PaneName): void {
    const order = Object.keys(TITLES) as PaneName[];
    const shown = order.filter((other) => this.#kept.shown.includes(other) !== (other === name));
    if (shown.length > 0) this.#choose({ ...this.#kept, shown });
  }

  #arrange(): void {
    for (const button of this.#toggles.querySelectorAll('button'))
      button.setAttribute('aria-pressed', String(this.#kept.shown.includes(button.value as PaneName)));
    this.#panes.arrange(this.#kept.shown);
  }

  #setOver(words: string | null): void {
    this.#over = words;
    this.#problem.hidden = words === null;
    this.#problem.textContent = words;
  }

  #showFilter(): void {
    this.#filter.show(this.#types.length > 1 ? this.#types : [], this.#kept.depthType);
  }

  #tellPace(): void {
    const words = this.#over === null ? this.#stream.pace.words(seconds(), 0) : '';
    if (this.#pace.textContent !== words) this.#pace.textContent = words;
  }
}
