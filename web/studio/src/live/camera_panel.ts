// What the camera is set to: which one, its format, how its depth is made.
import { camera } from '../api';
import { element, fill, labelled } from '../dom';
import { attempt } from '../shell/notices';
import type {
  CameraChoice,
  CameraState,
  DeviceEntry,
  DeviceSort,
  Effort,
  FormatEntry,
} from '../../../protocol/answers';
import type { DepthType } from '../../../protocol/messages';
import type { CameraWatch } from './camera_watch';
import { Choices } from './choices';

const SORTS: Readonly<Record<DeviceSort, string>> = { camera: 'Cameras', take: 'Takes', photo: 'Photos' };
const EFFORTS: Readonly<Record<Effort, string>> = { fast: 'Fast', standard: 'Standard', best: 'Best' };
const FILTERS: Readonly<Record<DepthType, string>> = { smooth: 'Smooth', raw: 'As measured' };
const FILTER_WORDS: Readonly<Record<DepthType, string>> = {
  smooth: 'Noise is calmed and small holes are closed.',
  raw: 'Nothing is made up: noise stays, and there are holes where the camera is not sure.',
};
const EFFORT_WORDS: Readonly<Record<Effort, string>> = {
  fast: 'Depth costs the least time, and is coarser.',
  standard: 'Between the two.',
  best: 'Depth is the finest that there is, and costs the most time.',
};

const WAITS = 'A photo is being taken. The camera changes as soon as it is there.';

export class CameraPanel {
  readonly element: HTMLElement;
  /** Called when the other filter is chosen. */
  onfilter: ((filter: DepthType) => void) | null = null;
  readonly #watch: CameraWatch;
  readonly #device = element('select', {
    onchange: () => void this.#choose({ device: this.#device.value }),
  });
  readonly #format = element('select', {
    onchange: () => void this.#choose({ format: Number(this.#format.value) }),
  });
  readonly #formatField = labelled('Format', this.#format);
  readonly #depthWords = element('p', { class: 'soft' });
  readonly #filter = new Choices('Filter', FILTERS, FILTER_WORDS, (filter) => this.onfilter?.(filter));
  readonly #effort = new Choices('Effort', EFFORTS, EFFORT_WORDS, (effort) => void this.#choose({ effort }));
  readonly #waits = element('p', { class: 'soft', role: 'status' });
  #devices: readonly DeviceEntry[] = [];
  #shown = '';
  #busy = false;

  constructor(watch: CameraWatch) {
    this.#watch = watch;
    this.#device.addEventListener('focus', () => void this.refresh()); // one may have been plugged in
    this.element = element(
      'section',
      { class: 'panel', 'aria-label': 'Camera' },
      element('h2', {}, 'Camera'),
      labelled('Device', this.#device),
      this.#formatField,
      this.#depthWords,
      this.#filter.element,
      this.#effort.element,
      this.#waits,
    );
  }

  /** Asks which devices there are. */
  async refresh(): Promise<void> {
    const devices = await attempt(() => camera.devices());
    if (!devices) return;
    this.#devices = devices;
    if (this.#watch.state) this.show(this.#watch.state);
  }

  filter(chosen: DepthType, among: readonly DepthType[]): void {
    this.#filter.show(among.length > 1 ? among : [], chosen);
  }

  /** Opens the camera anew. */
  async startAgain(): Promise<void> {
    const device = this.#watch.state?.device;
    if (device) await this.#choose({ device });
  }

  /** Shows what the camera is set to; nothing is made anew that stayed as it was. */
  show(state: CameraState): void {
    const waits = this.#busy && state.shooting ? WAITS : '';
    if (this.#waits.textContent !== waits) this.#waits.textContent = waits;
    if (this.#busy) return;
    const { device, title, formats, format, efforts, effort } = state;
    const shown = JSON.stringify([device, title, formats, format, efforts, effort, this.#devices]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#showDevices(device, title);
    fill(this.#format, ...namesOf(formats).map((name, place) => element('option', { value: place }, name)));
    this.#format.value = String(format);
    this.#formatField.hidden = formats.length === 0;
    this.#format.disabled = formats.length < 2;
    const chosen = formats[format];
    const depth = chosen?.depth ? `Depth of ${chosen.depth}.` : 'It senses no depth.';
    this.#depthWords.textContent = chosen ? `${chosen.title}. ${depth}` : '';
    this.#effort.show(efforts.length > 1 ? efforts : [], effort);
  }

  #showDevices(device: string, title: string): void {
    const known = this.#devices.some((entry) => entry.name === device);
    const all = known ? this.#devices : [{ name: device, title, sort: 'camera' as const }, ...this.#devices];
    const groups = (Object.keys(SORTS) as DeviceSort[]).map((sort) => {
      const entries = all.filter((entry) => entry.sort === sort);
      const options = entries.map((entry) => element('option', { value: entry.name }, entry.title));
      return entries.length > 0 && element('optgroup', { label: SORTS[sort] }, ...options);
    });
    fill(this.#device, ...groups);
    this.#device.value = device;
  }

  /** Has the camera set; what it is then is shown, also where it could not be. */
  async #choose(choice: Partial<CameraChoice>): Promise<void> {
    const controls = [this.#device, this.#format];
    this.#busy = true;
    this.element.setAttribute('aria-busy', 'true');
    for (const control of controls) control.classList.add('waiting');
    const done = attempt(() =>
      this.#watch.command(() => camera.choose({ device: null, format: null, effort: null, ...choice })),
    );
    this.#watch.refresh(); // whether it waits for a photo
    await done;
    this.#busy = false;
    this.element.removeAttribute('aria-busy');
    for (const control of controls) control.classList.remove('waiting');
    this.#shown = '';
    if (this.#watch.state) this.show(this.#watch.state);
  }
}

/** Short ones, where they tell one from another. */
function namesOf(formats: readonly FormatEntry[]): readonly string[] {
  const short = formats.map(({ width, height, rate }) => `${width} × ${height}, ${rate} a second`);
  return new Set(short).size === short.length ? short : formats.map(({ title }) => title);
}
