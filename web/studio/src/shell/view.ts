// What stands under one tab.

export interface View {
  readonly element: HTMLElement;
  /** It is looked at; `rest` is what the address has behind its name: `#photos/IMG_0042.HEIC`. */
  show(rest: string): void;
  /** It is no longer looked at: nothing may run on. */
  hide(): void;
}
