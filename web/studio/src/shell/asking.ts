// A question before something that cannot be undone.
import { element, freshId } from '../dom';

export interface Question {
  readonly title: string;
  /** What will be so, in words. */
  readonly words: string;
  /** What the button says that does it. */
  readonly yes: string;
}

/** Asks; true only where the button was pressed that does it. Escape and "Keep" leave all as it is. */
export function asked({ title, words, yes }: Question): Promise<boolean> {
  const [heading, text] = [freshId('question'), freshId('words')];
  const keep = element('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Keep');
  const go = element('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, yes);
  const dialog = element(
    'dialog',
    { class: 'question', 'aria-labelledby': heading, 'aria-describedby': text },
    element('h2', { id: heading }, title),
    element('p', { id: text }, words),
    element('div', { class: 'row' }, keep, go),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
  });
}
