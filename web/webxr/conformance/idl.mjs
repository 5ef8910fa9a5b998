// The shape of WebXR's interfaces as the specifications publish it, as JSON on standard output:
//
//   { XRView: { parent, constructor: length or null, members: { eye: { kind: "attribute", readonly: true }, … } }, … }
//
// kind: attribute · operation · static · iterable. length: how many arguments are required. promise: errors reject.
// Partial interfaces and mixins are put into what they belong to.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'webidl2';

const folder = dirname(createRequire(import.meta.url).resolve('@webref/idl/package.json'));
const PUBLISHED = [
  'webxr',
  'webxr-ar-module',
  'webxr-depth-sensing',
  'webxr-dom-overlays',
  'webxr-gamepads-module',
  'webxrlayers',
];
/** Mixins of other specifications, and who has them; the window has its members on itself, not its prototype. */
const INCLUDED_ELSEWHERE = {
  WebGLRenderingContextBase: ['WebGLRenderingContext', 'WebGL2RenderingContext'],
  GlobalEventHandlers: ['HTMLElement', 'Document'],
};

const required = (values) => values.filter((value) => !value.optional && !value.variadic).length;

function shapeOf(member) {
  const kind = member.special === 'static' ? 'static' : member.type;
  if (member.type === 'attribute') return { kind, readonly: member.readonly };
  if (member.type !== 'operation') return { kind };
  return { kind, length: required(member.arguments), promise: member.idlType.generic === 'Promise' };
}

const definitions = PUBLISHED.flatMap((name) => parse(readFileSync(join(folder, `${name}.idl`), 'utf8')));
const owners = new Map(Object.entries(INCLUDED_ELSEWHERE));
for (const { type, target, includes } of definitions)
  if (type === 'includes') owners.set(includes, [...(owners.get(includes) ?? []), target]);

const interfaces = {};
for (const { type, name, inheritance, partial, members } of definitions) {
  if (type !== 'interface' && type !== 'interface mixin') continue;
  for (const owner of type === 'interface' ? [name] : owners.get(name)) {
    const found = (interfaces[owner] ??= { parent: null, constructor: null, ours: false, members: {} });
    if (type === 'interface' && !partial) Object.assign(found, { parent: inheritance ?? null, ours: true });
    for (const member of members) {
      if (member.type === 'constructor') found.constructor = required(member.arguments);
      else if (member.special !== 'getter') found.members[member.name ?? member.type] = shapeOf(member);
    }
  }
}
process.stdout.write(JSON.stringify(interfaces));
