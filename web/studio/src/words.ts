// Sizes and counts in words, the same under every tab.

/** "812 KB", "3.4 MB", "1.2 GB". */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  let value = bytes;
  let unit = '';
  for (unit of ['KB', 'MB', 'GB', 'TB']) {
    value /= 1000;
    if (value < 999.5) break;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** "640 × 480 pixels". */
export function pixelsInWords({ width, height }: { readonly width: number; readonly height: number }): string {
  return `${width} × ${height} pixels`;
}

/** "1 photo", "12 photos". */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Words with a full stop, where they have no end of their own. */
export function sentence(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

/** A file's name without what says its format. */
export function stemOf(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}
