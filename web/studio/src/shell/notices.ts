// What the page has to say: a line at the foot of the page, read out by screen readers, that goes or is closed.
import { ApiError, server } from '../api';
import { element } from '../dom';

const STAYS = 6000; // milliseconds; problems stay until they are closed
const unanswered = new Set<HTMLElement>();

/** That the studio does not answer is true no longer. */
server.onanswer = () => {
  for (const notice of unanswered) notice.remove();
  unanswered.clear();
};

/** Says that something was done. */
export function tell(text: string): void {
  const notice = put(text, 'status');
  setTimeout(() => notice.remove(), STAYS);
}

/** Says what went wrong and what to do. What was given up on purpose is no news. */
export function tellProblem(problem: unknown): void {
  if (problem instanceof DOMException && problem.name === 'AbortError') return;
  const notice = put(problem instanceof Error ? problem.message : String(problem), 'alert');
  if (problem instanceof ApiError && problem.status === 0) unanswered.add(notice);
}

function put(text: string, role: 'status' | 'alert'): HTMLElement {
  const region = document.getElementById('notices')!;
  for (const other of region.children) if (other.firstChild?.textContent === text) other.remove();
  const close = element('button', { class: 'quiet', 'aria-label': 'Close this message' }, '✕');
  const notice = element('div', { class: `notice ${role}`, role }, element('span', {}, text), close);
  close.onclick = () => notice.remove();
  region.append(notice);
  return notice;
}

/** Runs what may fail; what it fails with is told. */
export async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (problem) {
    tellProblem(problem);
    return undefined;
  }
}
