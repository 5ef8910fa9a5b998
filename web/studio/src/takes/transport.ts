// Play, pause, loop, and the slider that goes to any moment.
import { element } from '../dom';
import type { PlayClock } from './play_clock';
import { clockInWords } from './take_words';

const LEAP = 1; // seconds for a page key
const FINE = 0.001; // seconds that the slider tells apart

export class Transport {
  readonly element: HTMLElement;
  readonly #onframe: (number: number) => void;
  readonly #button = element('button', { type: 'button', class: 'primary play' }, 'Play');
  readonly #loop = element('button', { type: 'button' }, 'Loop');
  readonly #slider = element('input', { type: 'range', min: 0, step: FINE, 'aria-label': 'Moment' });
  readonly #time = element('output', { class: 'mono', 'aria-live': 'off' });
  #clock: PlayClock;
  #tick = 0;

  /** `onframe` is told which frame is to be seen. */
  constructor(clock: PlayClock, onframe: (number: number) => void) {
    this.#clock = clock;
    this.#onframe = onframe;
    this.#button.onclick = () => this.toggle();
    this.#loop.onclick = () => this.#turnLoop();
    this.#slider.oninput = () => this.#seek(this.#slider.valueAsNumber);
    this.#slider.onkeydown = (event) => this.#key(event);
    this.#slider.max = String(clock.duration);
    this.element = element(
      'div',
      { class: 'transport', role: 'group', 'aria-label': 'Playing' },
      this.#button,
      this.#slider,
      this.#time,
      this.#loop,
    );
    this.#tell();
  }

  /** Shows the frame of now. */
  begin(): void {
    this.#show();
  }

  toggle(): void {
    const now = performance.now();
    if (this.#clock.playing) this.#clock.pause(now);
    else this.#clock.play(now);
    this.#show();
  }

  pause(): void {
    if (this.#clock.playing) this.toggle();
    cancelAnimationFrame(this.#tick);
    this.#tick = 0;
  }

  #turnLoop(): void {
    const now = performance.now();
    this.#clock.seek(this.#clock.at(now), now); // it goes on from where it is in either way
    this.#clock.loop = !this.#clock.loop;
    this.#show();
  }

  #seek(moment: number): void {
    this.#clock.seek(moment, performance.now());
    this.#show();
  }

  #key(event: KeyboardEvent): void {
    const now = performance.now();
    const at = this.#clock.at(now);
    const { key } = event;
    if (key === 'ArrowLeft' || key === 'ArrowDown') this.#seek(this.#clock.stepped(-1, now));
    else if (key === 'ArrowRight' || key === 'ArrowUp') this.#seek(this.#clock.stepped(1, now));
    else if (key === 'PageDown') this.#seek(at - LEAP);
    else if (key === 'PageUp') this.#seek(at + LEAP);
    else if (key === 'Home') this.#seek(0);
    else if (key === 'End') this.#seek(this.#clock.duration);
    else return;
    event.preventDefault();
  }

  #show(): void {
    const moment = this.#clock.at(performance.now());
    this.#onframe(this.#clock.frameAt(moment));
    this.#slider.value = String(moment);
    this.#tell();
    if (this.#clock.playing)
      this.#tick ||= requestAnimationFrame(() => {
        this.#tick = 0;
        this.#show();
      });
  }

  #tell(): void {
    const clock = this.#clock;
    const moment = clockInWords(this.#slider.valueAsNumber);
    const text = `${moment} / ${clockInWords(clock.duration)}`;
    if (this.#time.textContent !== text) {
      this.#time.textContent = text;
      this.#slider.setAttribute('aria-valuetext', `${moment} of ${clockInWords(clock.duration)}`);
    }
    const word = clock.playing ? 'Pause' : 'Play';
    if (this.#button.textContent !== word) this.#button.textContent = word;
    this.#loop.setAttribute('aria-pressed', String(clock.loop));
  }
}
