// Builds the runtime: two classic scripts, which the Python package carries, and an ES module for npm.
//
//   src/entry/runtime.ts ─▶ nearfar-webxr.js        installs WebXR over whatever the browser has
//   src/entry/test.ts    ─▶ nearfar-webxr-test.js   adds navigator.xr.test to it
//   src/entry/module.ts  ─▶ dist/nearfar-webxr.mjs  the same, to be imported
//
// usage: node build.mjs [FOLDER]      FOLDER: where the classic scripts go, else where the Python package has them
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const scripts = resolve(process.argv[2] ?? join(here, '../../src/nearfar/studio/static'));
const dist = join(here, 'dist');
const banner = { js: '// nearfar WebXR runtime, Apache-2.0' };
const common = { bundle: true, minify: true, target: 'es2022', charset: 'utf8', legalComments: 'none', banner };

mkdirSync(dist, { recursive: true });
mkdirSync(scripts, { recursive: true });
for (const [entry, name] of [
  ['runtime', 'nearfar-webxr.js'],
  ['test', 'nearfar-webxr-test.js'],
]) {
  const outfile = join(scripts, name);
  await build({ ...common, entryPoints: [join(here, 'src/entry', `${entry}.ts`)], format: 'iife', outfile });
  copyFileSync(outfile, join(dist, name));
}
await build({
  ...common,
  entryPoints: [join(here, 'src/entry/module.ts')],
  format: 'esm',
  outfile: join(dist, 'nearfar-webxr.mjs'),
});
