// Photos on their way in: chosen by a button or dropped anywhere on the page, sent one after another.
//
//   drop, choose ──▶ waiting ──▶ sniffed ──▶ POST ──▶ onphoto(entry)
//                                   └──────────┴────▶ a line: what is wrong with this file, and what to do
import type { PhotoEntry } from '../../../protocol/answers';
import { photos } from '../api';
import { element, fill } from '../dom';
import { tell, tellProblem } from '../shell/notices';
import { droppedFiles } from './dropped_files';
import { refusalOf } from './sniffing';
import { counted } from '../words';

const ACCEPTED = '.heic,.heif,.hif,.jpg,.jpeg,image/heic,image/heif,image/jpeg';

export class Intake {
  /** How far it is, and what could not be added. */
  readonly element: HTMLElement;
  /** Called with each photo that has come in. */
  onphoto: ((entry: PhotoEntry) => void) | null = null;
  /** Called when something is dropped, before it is read. */
  ondrop: (() => void) | null = null;
  /** Called when all have come in, with the last of them. */
  ondone: ((last: PhotoEntry) => void) | null = null;
  readonly #chooser = element('input', { type: 'file', multiple: true, accept: ACCEPTED, hidden: true });
  readonly #veil = element(
    'div',
    { class: 'veil', hidden: true, 'aria-hidden': 'true' },
    'Drop the photos here',
  );
  readonly #progress = element('progress', { 'aria-label': 'Photos added' });
  readonly #words = element('span');
  readonly #stop = element('button', { type: 'button', class: 'quiet' }, 'Stop');
  readonly #bar: HTMLElement;
  readonly #refusals = element('ul', { class: 'refusals' });
  readonly #refused: HTMLElement;
  #waiting: File[] = [];
  #count = 0;
  #sending = false;

  constructor() {
    this.#bar = element(
      'div',
      { class: 'panel row intake', hidden: true },
      this.#progress,
      this.#words,
      this.#stop,
    );
    const close = element('button', { type: 'button', class: 'quiet', 'aria-label': 'Close this list' }, '✕');
    this.#refused = element(
      'section',
      { class: 'panel refused', hidden: true, role: 'alert' },
      element('div', { class: 'spread' }, element('h2', {}, 'These could not be added'), close),
      this.#refusals,
    );
    this.element = element('div', { class: 'taking-in' }, this.#bar, this.#refused, this.#chooser);
    this.#chooser.onchange = () => {
      this.#take([...(this.#chooser.files ?? [])]);
      this.#chooser.value = ''; // else the same file could not be chosen again
    };
    this.#stop.onclick = () => (this.#waiting = []);
    close.onclick = () => {
      this.#refusals.replaceChildren();
      this.#refused.hidden = true;
    };
    this.#listen();
  }

  /** Opens the system's dialog. */
  choose(): void {
    this.#chooser.click();
  }

  /** Takes what is dropped anywhere on the page, under whichever tab: else the browser would leave for the file. */
  #listen(): void {
    document.body.append(this.#veil);
    let inside = 0; // of the elements that are entered and left, the page is left with the last
    const over = (now: number): void => {
      inside = Math.max(0, now);
      this.#veil.hidden = inside === 0;
    };
    const on = (
      name: 'dragenter' | 'dragleave' | 'dragover' | 'drop',
      heard: (event: DragEvent) => void,
    ): void =>
      addEventListener(name, (event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        heard(event);
      });
    on('dragenter', () => over(inside + 1));
    on('dragleave', () => over(inside - 1));
    on('dragover', (event) => (event.dataTransfer!.dropEffect = 'copy'));
    on('drop', (event) => {
      over(0);
      this.ondrop?.();
      void this.#drop(event.dataTransfer!);
    });
  }

  async #drop(data: DataTransfer): Promise<void> {
    try {
      const { files, leftOut } = await droppedFiles(data);
      if (leftOut)
        tell(
          `${counted(leftOut, 'file')} in the folder that ${leftOut === 1 ? 'is' : 'are'} no photo left out.`,
        );
      else if (files.length === 0)
        tellProblem('There was no file in what you dropped. Drop HEIC or JPEG photos.');
      this.#take(files);
    } catch {
      tellProblem(
        'What you dropped cannot be read. Copy it to a folder of this computer and drop it from there.',
      );
    }
  }

  #take(files: readonly File[]): void {
    this.#waiting.push(...files);
    this.#count += files.length;
    if (!this.#sending && this.#waiting.length > 0) void this.#send();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    this.#bar.hidden = false;
    let done = 0;
    let last: PhotoEntry | null = null;
    for (let file = this.#waiting.shift(); file; file = this.#waiting.shift()) {
      this.#progress.max = this.#count;
      this.#progress.value = done++;
      this.#words.textContent = `Adding ${this.#count > 1 ? `${done} of ${this.#count}: ` : ''}${file.name}`;
      try {
        const refusal = await refusalOf(file);
        if (refusal) this.#refuse(file, refusal);
        else this.onphoto?.((last = await photos.add(file)));
      } catch (problem) {
        this.#refuse(file, problem);
      }
    }
    this.#sending = false;
    this.#count = 0;
    this.#bar.hidden = true;
    if (last) this.ondone?.(last);
  }

  #refuse(file: File, problem: unknown): void {
    const said = problem instanceof Error ? problem.message : String(problem);
    const words = said.startsWith(file.name) ? said.slice(file.name.length).replace(/^[: ]+/, '') : said;
    const line = element('li');
    fill(line, element('strong', {}, file.name), ' ', words);
    this.#refusals.append(line);
    this.#refused.hidden = false;
  }
}
