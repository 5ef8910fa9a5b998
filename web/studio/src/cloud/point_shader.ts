// Points from a depth texture: where each stands is computed when it is drawn, so a new map is one upload.
//
//   vertex number ─▶ place in the grid ─▶ depth there ─▶ tangents × depth
//
// What lies between two surfaces, smeared by a filter or a lens, belongs to neither: the depth runs on
// steeply to both sides of it. It is drawn smaller, the steeper the less. A grid that is finer than the map
// is filled in where the map is even.

export const vertexShader = /* glsl */ `
precision highp float;
precision highp sampler2D;
uniform sampler2D depth;
uniform sampler2D colour;
uniform ivec2 grid;     // points across and down
uniform vec4 tangents;  // left, right, up, down
uniform float pixels;   // of the drawing, for a height of 1 at a distance of 1
uniform float largest;  // of a point, pixels
out vec3 shade;

const float JUMP = 5.0; // from one surface to another; below it, points grow to cover the step

float at(ivec2 place) {
  return texelFetch(depth, clamp(place, ivec2(0), textureSize(depth, 0) - 1), 0).r;
}

float between(vec2 place) {
  float nearest = at(ivec2(floor(place)));
  if (grid == textureSize(depth, 0)) return nearest;
  vec2 corner = floor(place - 0.5);
  ivec2 first = ivec2(corner);
  vec4 four = vec4(at(first), at(first + ivec2(1, 0)), at(first + ivec2(0, 1)), at(first + ivec2(1, 1)));
  float least = min(min(four.x, four.y), min(four.z, four.w));
  float most = max(max(four.x, four.y), max(four.z, four.w));
  if (!(least > 0.0) || most > 1.06 * least) return nearest;
  vec2 share = place - 0.5 - corner;
  return mix(mix(four.x, four.y, share.x), mix(four.z, four.w, share.x), share.y);
}

float step_to(float here, float other) {
  return other > 0.0 ? abs(other - here) : 1e9;
}

void main() {
  ivec2 place = ivec2(gl_VertexID % grid.x, gl_VertexID / grid.x);
  vec2 share = (vec2(place) + 0.5) / vec2(grid);
  vec2 size = vec2(textureSize(depth, 0));
  float far = between(share * size);
  vec2 span = vec2(tangents.x + tangents.y, tangents.z + tangents.w);
  vec2 pitch = span / size * far;
  ivec2 texel = ivec2(floor(share * size));
  float here = at(texel);
  vec4 steps = vec4(
    step_to(here, at(texel - ivec2(1, 0))), step_to(here, at(texel + ivec2(1, 0))),
    step_to(here, at(texel - ivec2(0, 1))), step_to(here, at(texel + ivec2(0, 1)))) / pitch.xxyy;
  float across = min(steps.x, steps.y);
  float down = min(steps.z, steps.w);
  float whole = 1.0 - smoothstep(JUMP, 14.0, max(across, down));
  if (!(far > 0.0) || far > 1e6 || whole <= 0.05) {
    gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
    gl_PointSize = 1.0;
    return;
  }
  vec3 point = far * vec3(share.x * span.x - tangents.x, tangents.z - share.y * span.y, -1.0);
  vec4 seen = modelViewMatrix * vec4(point, 1.0);
  gl_Position = projectionMatrix * seen;
  float width = far * max(span.x / float(grid.x), span.y / float(grid.y));
  float steepest = max(max(steps.x, steps.y), max(steps.z, steps.w));
  width *= steepest < JUMP ? 1.3 + 0.5 * steepest : 1.3;
  gl_PointSize = clamp(whole * width * pixels / max(-seen.z, 1e-6), 1.0, largest);
  shade = texture(colour, share).rgb;
}
`;

export const fragmentShader = /* glsl */ `
precision mediump float;
in vec3 shade;
out vec4 drawn;
void main() {
  drawn = vec4(shade, 1.0);
}
`;
