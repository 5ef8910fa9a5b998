// What is said of a take.
import type { TakeEntry } from '../../../protocol/answers';
import { bytesInWords, counted, stemOf } from '../words';

const A_DATE = /^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d/; // how the studio names what it records

/** "0:02.7". */
export function clockInWords(seconds: number): string {
  const tenths = tenthsOf(seconds);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
}

function tenthsOf(seconds: number): number {
  return Math.floor(10 * seconds + 1e-6);
}

/** What people know it by. */
export function nameOf(entry: TakeEntry): string {
  return stemOf(entry.name);
}

/** How long it is, how large, and when it was recorded where its name does not say so. */
export function lineOf(entry: TakeEntry): string {
  const size = bytesInWords(entry.bytes);
  if (entry.recording) return 'is being recorded';
  if (entry.problem) return `cannot be played · ${size}`;
  const seconds = (tenthsOf(entry.seconds) / 10).toFixed(1);
  const long = entry.seconds >= 60 ? clockInWords(entry.seconds) : `${seconds} s`;
  const parts = [long, counted(entry.frames, 'frame'), size];
  if (!A_DATE.test(entry.name)) parts.push(dateOf(entry));
  return parts.join(' · ');
}

function dateOf(entry: TakeEntry): string {
  const written = new Date(1000 * entry.written);
  return written.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
