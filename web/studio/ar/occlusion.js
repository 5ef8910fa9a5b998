// Real things hide virtual ones: the depth map is a texture, and each pixel of a material asks it whether
// something real is nearer.
//
//   vertex shader ─ gl_Position ─▶ fragment shader: .xy / .w is the place in the picture, .w the metres
//                                                   the texture there has the real metres ─▶ alpha
import { DataTexture, FloatType, Matrix4, NearestFilter, RedFormat } from '../three.js';

const DECLARED = /* glsl */ `
varying vec4 vClip;
uniform highp sampler2D realMetres;
uniform mat4 bufferFromView;

/** How much of a pixel is seen, 0 to 1. Sixteen depth pixels around it are asked one by one, and the answers are
    mixed: mixing their metres first would make up depths between a thing and what is behind it. */
float seen() {
  float virtual = vClip.w;
  float slack = 0.01 + 0.01 * virtual; // metres by which depth may be wrong; over as much it fades
  vec2 place = 0.5 + 0.5 * vClip.xy / vClip.w;
  ivec2 size = textureSize(realMetres, 0);
  vec2 at = (bufferFromView * vec4(place.x, 1.0 - place.y, 0.0, 1.0)).xy * vec2(size) - 0.5;
  ivec2 corner = ivec2(floor(at)) - 1;
  float sum = 0.0;
  for (int i = 0; i < 16; i++) {
    ivec2 texel = corner + ivec2(i % 4, i / 4);
    vec2 weight = max(vec2(0.0), 2.0 - abs(vec2(texel) - at)) / 4.0;
    float real = texelFetch(realMetres, clamp(texel, ivec2(0), size - 1), 0).r;
    float before = real == 0.0 ? 1.0 : smoothstep(0.0, 1.0, (real - virtual) / slack + 1.0);
#ifdef LIES_ON_REAL
    before *= 1.0 - smoothstep(2.0, 4.0, abs(real - virtual) / slack); // a shadow ends with what it falls on
#endif
    sum += weight.x * weight.y * before;
  }
  return sum;
}
`;

export class Occlusion {
  #uniforms = { realMetres: { value: null }, bufferFromView: { value: new Matrix4() } };

  /** Takes over a frame's depth. */
  update(surface) {
    const { width, height, metres, bufferFromView } = surface;
    let texture = this.#uniforms.realMetres.value;
    if (texture?.image.data !== metres || texture.image.width !== width) {
      texture?.dispose();
      texture = new DataTexture(metres, width, height, RedFormat, FloatType);
      texture.minFilter = texture.magFilter = NearestFilter;
      this.#uniforms.realMetres.value = texture;
    }
    texture.needsUpdate = true;
    this.#uniforms.bufferFromView.value.fromArray(bufferFromView);
  }

  /** Lets real things hide any of three.js' own materials. `liesOnReal`: it is painted on real things. */
  hide(material, { liesOnReal = false } = {}) {
    material.transparent = true;
    if (liesOnReal) material.defines = { ...material.defines, LIES_ON_REAL: '' };
    material.onBeforeCompile = (shader) => {
      Object.assign(shader.uniforms, this.#uniforms);
      shader.vertexShader = `varying vec4 vClip;\n${shader.vertexShader}`.replace(
        '#include <project_vertex>',
        '#include <project_vertex>\nvClip = gl_Position;',
      );
      shader.fragmentShader = `${DECLARED}${shader.fragmentShader}`.replace(
        '#include <opaque_fragment>',
        '#include <opaque_fragment>\ngl_FragColor.a *= seen();\nif (gl_FragColor.a < 0.01) discard;',
      );
    };
    return material;
  }
}
