// What the camera sees now: its pictures, the shutter, the last photos, and what it is set to.
//
//   LiveStream ─ frames ─▶ Panes
//   CameraWatch ─ state, once a second ─▶ CameraPanel, Shooting, Recording, Trouble
//
// Nothing runs while nobody looks: neither under another tab of the page nor under another one of the browser.
import type { CameraState } from '../../../protocol/answers';
import type { DepthType, Hello } from '../../../protocol/messages';
import { element } from '../dom';
import type { View } from '../shell/view';
import { CameraPanel } from './camera_panel';
import { CameraWatch } from './camera_watch';
import { FramesPanel } from './frames_panel';
import { keep, recalled, type Kept, type PaneName } from './kept';
import { LiveStream, seconds } from './live_stream';
import { Panes } from './panes';
import { Recording } from './recording';
import { Shooting } from './shooting';
import { Trouble, type Over } from './trouble';

const STARTING = 'The camera starts…';
const TITLES: Readonly<Record<PaneName, string>> = {
  colour: 'Colour',
  depth: 'Depth',
  confidence: 'Confidence',
  points: 'Points',
};
const PACE_EVERY = 500; // milliseconds

export class LiveView implements View {
  readonly element: HTMLElement;
  readonly #panes = new Panes();
  readonly #watch = new CameraWatch();
  readonly #panel = new CameraPanel(this.#watch);
  readonly #frames = new FramesPanel();
  readonly #shooting = new Shooting(this.#watch);
  readonly #recording = new Recording(this.#watch);
  readonly #toggles = element('div', { class: 'choices', role: 'group', 'aria-label': 'Show' });
  readonly #pace = element('p', { class: 'pace soft' });
  readonly #trouble = new Trouble(() => this.#again());
  readonly #stream = new LiveStream({
    hello: (hello) => this.#hello(hello),
    frame: (frame) => this.#panes.draw(frame),
    over: (over) => this.#stop(over),
  });
  #kept: Kept = recalled();
  #types: readonly DepthType[] = [];
  #looked = false;
  #over: Over | null = null;
  #ticking = 0;

  constructor() {
    this.#watch.onstate = (state) => this.#take(state);
    this.#watch.onsilence = () => this.#over?.how === 'lost' && this.#stream.close(); // one that asks is enough
    this.#watch.onback = () => this.#stream.open(this.#wish());
    this.#panel.onfilter = (depthType) => this.#choose({ ...this.#kept, depthType });
    this.#shooting.onshot = () => this.#blink();
    for (const name of Object.keys(TITLES) as PaneName[]) this.#toggles.append(this.#toggleFor(name));
    const bar = element('div', { class: 'spread wrap' }, this.#toggles, this.#pace);
    const recording = element('div', { class: 'row' }, this.#recording.button, this.#recording.progress);
    const keys = element('p', { class: 'soft keys' }, 'Space or Enter takes a photo.');
    const shutter = element(
      'div',
      { class: 'shutter-row' },
      element('div', { class: 'confirmed' }, this.#shooting.elsewhere, this.#shooting.taken, this.#recording.done),
      this.#shooting.shutter,
      recording,
    );
    this.element = element(
      'section',
      { class: 'view live', 'aria-label': 'Live' },
      element('h1', { class: 'visually-hidden' }, 'Live'),
      element(
        'div',
        { class: 'stage' },
        bar,
        this.#trouble.element,
        this.#panes.element,
        shutter,
        keys,
      ),
      element('div', { class: 'side' }, this.#panel.element, this.#frames.element),
      this.#shooting.strip,
    );
    this.#arrange();
    this.#panes.clear(STARTING);
  }

  show(_rest: string): void {
    if (this.#looked) return;
    this.#looked = true;
    document.addEventListener('visibilitychange', this.#turn);
    document.addEventListener('keydown', this.#key);
    this.#turn();
  }

  hide(): void {
    this.#looked = false;
    document.removeEventListener('visibilitychange', this.#turn);
    document.removeEventListener('keydown', this.#key);
    this.#turn();
  }

  /** Runs while it is looked at, and stands still else. */
  readonly #turn = (): void => {
    const looked = this.#looked && !document.hidden;
    clearInterval(this.#ticking);
    if (!looked) {
      this.#stream.close();
      this.#watch.stop();
      this.#panes.rest();
      return;
    }
    this.#stream.open(this.#wish());
    this.#watch.start();
    this.#ticking = setInterval(() => this.#tellPace(), PACE_EVERY);
    void this.#panel.refresh();
    void this.#shooting.refresh();
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const focused = document.activeElement;
    const idle = focused === null || focused === document.body || focused.matches('main, .target');
    if (!idle) return; // the keys are those of what is focused
    event.preventDefault();
    void this.#shooting.shoot();
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
    this.#panel.filter(this.#kept.depthType, this.#types);
    if (this.#over?.how === 'lost') this.#watch.refresh(); // the studio is there again, maybe another one
    this.#over = null;
    this.#showTrouble();
    this.#panes.clear(STARTING);
  }

  #take(state: CameraState): void {
    this.#panel.show(state);
    this.#shooting.show(state);
    this.#recording.show(state);
    this.#stream.pace.lost(state.dropped, seconds());
    this.#showTrouble();
  }

  #choose(kept: Kept): void {
    this.#kept = kept;
    keep(kept);
    this.#panel.filter(kept.depthType, this.#types);
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

  #stop(over: Over): void {
    this.#over = over;
    if (over.how === 'ended') this.#watch.refresh(); // whether that is its end, or something is wrong
    this.#showTrouble();
  }

  /** A camera that has ended is started anew; a studio that gives none is asked once more. */
  #again(): void {
    if (this.#over?.how === 'ended') {
      void this.#panel.startAgain();
      return;
    }
    this.#stream.close();
    this.#stream.open(this.#wish());
    this.#watch.refresh();
  }

  #showTrouble(): void {
    this.#trouble.show(this.#over, this.#watch.state?.problem ?? null);
  }

  #tellPace(): void {
    const words = this.#over === null ? this.#stream.pace.words(seconds()) : '';
    if (this.#pace.textContent !== words) this.#pace.textContent = words;
    this.#frames.show(this.#stream.pace, this.#watch.state, seconds());
  }

  #blink(): void {
    const panes = this.#panes.element;
    panes.classList.remove('blink');
    void panes.offsetWidth; // the animation begins anew
    panes.classList.add('blink');
  }
}
