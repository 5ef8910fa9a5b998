// Builds the studio's page into the Python package:
//
//   index.html, app.css       ─▶ as they are, smaller
//   src/main.ts               ─▶ app.js
//   src/three_parts.ts        ─▶ three.js     the parts of three.js that are used; loaded when points are shown
//   ar/                       ─▶ ar/          as it is: a page to learn from
//
// usage: node build.mjs [FOLDER]      FOLDER: where it goes, else where the Python package has it
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../../src/nearfar/studio/static'), 'studio');
const common = { bundle: true, minify: true, target: 'es2022', charset: 'utf8', legalComments: 'none' };

/** Leaves `three_parts` out of the page's script: it is a script of its own. */
const apart = {
  name: 'three apart',
  setup(build) {
    build.onResolve({ filter: /\/three_parts$/ }, () => ({ path: './three.js', external: true }));
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const banner = { js: '// nearfar studio, Apache-2.0' };
await build({
  ...common,
  banner,
  entryPoints: [join(here, 'src/main.ts')],
  format: 'esm',
  outfile: join(out, 'app.js'),
  plugins: [apart],
});
await build({
  ...common,
  banner: { js: '// three.js, (c) three.js authors, MIT' },
  entryPoints: [join(here, 'src/three_parts.ts')],
  format: 'esm',
  outfile: join(out, 'three.js'),
});
await build({ ...common, entryPoints: [join(here, 'app.css')], outfile: join(out, 'app.css') });
cpSync(join(here, '../node_modules/three/LICENSE'), join(out, 'three.js.LICENSE'));
cpSync(join(here, 'index.html'), join(out, 'index.html'));
cpSync(join(here, 'icon.svg'), join(out, 'icon.svg'));
cpSync(join(here, 'ar'), join(out, 'ar'), { recursive: true });
