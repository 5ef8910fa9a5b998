// Names the files in what the emitted declarations import: TypeScript asks for that where a package is an ES module
// and its user resolves as Node does.
//
// usage: node declarations.mjs      after tsc has written dist/types
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'dist/types');
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/(\bfrom |\bimport\(|\bimport )(['"])(\.[^'"]*?)(\.js)?\2/g, '$1$2$3.js$2'));
}
