// What was recorded: the button that records, the list, and the take that is open.
//
//   CameraWatch ─ state, once a second ─▶ Recording; a take that is done is opened
//   TakeShelf ─▶ TakeList ─ #takes/ID ─▶ TakePlayer ─ frame of the moment ─▶ pictures
//
// Nothing runs while nobody looks.
import type { CameraState, TakeDetails, TakeEntry, TakeShelf } from '../../../protocol/answers';
import { takes } from '../api';
import { element } from '../dom';
import { CameraWatch } from '../live/camera_watch';
import { Recording } from '../live/recording';
import { LOST } from '../live/trouble';
import { takeAddress } from '../shell/addresses';
import { attempt, tellProblem } from '../shell/notices';
import type { View } from '../shell/view';
import { TakeList } from './take_list';
import { TakePlayer } from './take_player';
import { nameOf } from './take_words';
import { sentence } from '../words';

const NONE = ['Nothing is recorded yet', 'Press “Record” to keep colour and depth, frame by frame.'] as const;
const GONE = 'There is no such take';
const RECORDING = 'It is being recorded. Stop the recording to play it.';

export class TakesView implements View {
  readonly element: HTMLElement;
  readonly #player = new TakePlayer();
  readonly #list = new TakeList();
  readonly #watch = new CameraWatch();
  readonly #recording = new Recording(this.#watch);
  readonly #device = element('p', { class: 'soft', role: 'status' });
  #looked = false;
  #rest = '';
  #asked = 0;

  constructor() {
    this.#watch.onstate = (state) => this.#take(state);
    this.#watch.onsilence = () => this.#say(LOST, true);
    this.#recording.onchange = (done) => this.#recorded(done);
    this.#player.ondeleted = (shelf) => this.#left(shelf);
    this.#list.onemptied = (shelf) => this.#left(shelf);
    const record = element(
      'section',
      { class: 'panel', 'aria-label': 'Recording' },
      this.#device,
      element('div', { class: 'row' }, this.#recording.button, this.#recording.progress),
      this.#recording.done,
    );
    this.#list.element.prepend(record);
    this.element = element(
      'section',
      { class: 'view takes', 'aria-label': 'Takes' },
      this.#player.element,
      this.#list.element,
    );
  }

  show(rest: string): void {
    this.#rest = rest;
    if (!this.#looked) {
      this.#looked = true;
      document.addEventListener('visibilitychange', this.#turn);
      document.addEventListener('keydown', this.#key);
      this.#turn();
    }
    void this.#load();
  }

  hide(): void {
    this.#looked = false;
    document.removeEventListener('visibilitychange', this.#turn);
    document.removeEventListener('keydown', this.#key);
    this.#turn();
    this.#player.close();
    this.#recording.forget();
  }

  readonly #turn = (): void => {
    if (this.#looked && !document.hidden) this.#watch.start();
    else {
      this.#watch.stop();
      this.#player.pause();
    }
  };

  readonly #key = (event: KeyboardEvent): void => {
    if (event.key !== ' ' || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest('button, a, select, dialog')) return;
    event.preventDefault(); // the page does not scroll
    this.#player.toggle();
  };

  #take(state: CameraState): void {
    this.#recording.show(state);
    this.#say(sentence(state.problem ?? `Records what the camera sees: ${state.title}`), state.problem !== null);
  }

  #say(words: string, isProblem: boolean): void {
    if (this.#device.textContent !== words) this.#device.textContent = words;
    this.#device.classList.toggle('problem', isProblem);
  }

  /** Opens the take that is done. */
  #recorded(done: TakeEntry | null): void {
    if (!this.#looked) return;
    const address = done && takeAddress(done.id);
    if (address && location.hash !== address) location.hash = address;
    else void this.#load();
  }

  /** What is left after something was deleted. */
  #left(shelf: TakeShelf): void {
    if (shelf.takes.length === 0) this.#player.say(...NONE);
    else this.#player.close();
    this.#list.show(shelf, null);
    if (!this.#list.focus()) document.querySelector('main')!.focus(); // the button that was pressed is gone
    if (this.#rest) location.hash = '#takes';
    else void this.#load();
  }

  #open(details: TakeDetails): void {
    this.#player.open(details);
    const { top } = this.#player.element.getBoundingClientRect();
    if (this.#rest && top < 0) this.#player.element.scrollIntoView(); // on a phone the list is far below it
  }

  /** The shelf anew, and the take that the address names: else the newest. */
  async #load(): Promise<void> {
    const asked = ++this.#asked;
    const current = () => asked === this.#asked && this.#looked;
    const shelf = await attempt(() => takes.all());
    if (!shelf || !current()) return;
    const first = shelf.takes.find((entry) => !entry.recording && !entry.problem) ?? shelf.takes[0];
    const entry = this.#rest ? shelf.takes.find(({ id }) => id === this.#rest) : first;
    this.#list.show(shelf, entry?.id ?? null);
    document.title = `${entry ? nameOf(entry) : 'Takes'} – nearfar studio`;
    if (this.#rest && !entry) this.#player.say(GONE, `“${this.#rest}” is not here any more. Choose another one.`);
    else if (!entry) this.#player.say(...NONE);
    else if (entry.problem) this.#player.refuse(entry, entry.problem);
    else if (entry.recording) this.#player.refuse(entry, RECORDING);
    else if (this.#player.entry?.version !== entry.version || this.#player.entry.id !== entry.id) {
      try {
        const details = await takes.details(entry.id);
        if (current()) this.#open(details);
      } catch (problem) {
        if (current()) tellProblem(problem);
      }
    }
  }
}
