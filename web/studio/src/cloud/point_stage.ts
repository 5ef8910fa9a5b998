// What three.js draws points with. It belongs to one canvas; `dispose` gives the graphics memory back.
import type { DataTexture, CanvasTexture } from '../three_parts';
import type { DepthField } from '../depth/depth_field';
import { pivotAt, type Orbit, type Tangents } from './orbit';
import { fragmentShader, vertexShader } from './point_shader';

export type Three = typeof import('../three_parts');

const NEAR = 0.02; // of the distance to the middle
const FAR = 2000;
const LARGEST = 24; // CSS pixels

export class PointStage {
  readonly #three: Three;
  readonly #renderer;
  readonly #scene;
  readonly #camera;
  readonly #geometry;
  readonly #material;
  #depth: DataTexture | null = null;
  #colour: CanvasTexture | null = null;
  #tangents: Tangents = [1, 1, 1, 1];

  constructor(three: Three, canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.#three = three;
    this.#renderer = new three.WebGLRenderer({ canvas, context, alpha: true });
    this.#scene = new three.Scene();
    this.#camera = new three.PerspectiveCamera();
    this.#geometry = new three.BufferGeometry();
    this.#material = new three.ShaderMaterial({
      vertexShader,
      fragmentShader,
      glslVersion: three.GLSL3,
      uniforms: {
        depth: { value: null },
        colour: { value: null },
        grid: { value: new three.Vector2() },
        tangents: { value: new three.Vector4() },
        pixels: { value: 1 },
        largest: { value: LARGEST },
      },
    });
    const points = new three.Points(this.#geometry, this.#material);
    points.frustumCulled = false; // it has no positions to tell by
    this.#scene.add(points);
  }

  /** Takes a map, the view that it is of, and its colours, as many as there are to be points. */
  set(field: DepthField, tangents: Tangents, colours: HTMLCanvasElement): void {
    const { uniforms } = this.#material;
    this.#tangents = tangents;
    this.#setDepth(field);
    this.#setColours(colours);
    uniforms['grid']!.value.set(colours.width, colours.height);
    uniforms['tangents']!.value.set(...tangents);
    this.#geometry.setDrawRange(0, colours.width * colours.height);
  }

  /** Draws, `distance` away from what is turned about. */
  draw(orbit: Orbit, distance: number): void {
    const canvas = this.#renderer.domElement;
    const ratio = Math.min(2, devicePixelRatio);
    const width = Math.max(1, canvas.clientWidth);
    const height = Math.max(1, canvas.clientHeight);
    if (canvas.width !== Math.floor(width * ratio) || canvas.height !== Math.floor(height * ratio)) {
      this.#renderer.setPixelRatio(ratio);
      this.#renderer.setSize(width, height, false);
    }
    const [left, right, up, down] = this.#tangents;
    const half = Math.max((up + down) / 2, (((left + right) / 2) * height) / width);
    const pivot = pivotAt(this.#tangents, distance);
    this.#camera.fov = (360 / Math.PI) * Math.atan(half);
    this.#camera.aspect = width / height;
    this.#camera.near = NEAR * distance;
    this.#camera.far = FAR * distance;
    this.#camera.updateProjectionMatrix();
    this.#camera.position.set(...orbit.eye(pivot));
    this.#camera.lookAt(...pivot);
    const { uniforms } = this.#material;
    uniforms['pixels']!.value = (height * ratio) / (2 * half);
    uniforms['largest']!.value = LARGEST * ratio;
    this.#renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#depth?.dispose();
    this.#colour?.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss(); // browsers have but a few contexts
  }

  #setDepth({ metres, width, height }: DepthField): void {
    const { DataTexture, FloatType, RedFormat } = this.#three;
    const texture = this.#depth;
    const { image } = texture ?? {};
    if (image && image.width === width && image.height === height) image.data = metres;
    else {
      texture?.dispose();
      this.#depth = new DataTexture(metres, width, height, RedFormat, FloatType);
      this.#material.uniforms['depth']!.value = this.#depth;
    }
    this.#depth!.needsUpdate = true;
  }

  #setColours(canvas: HTMLCanvasElement): void {
    const { CanvasTexture, LinearFilter } = this.#three;
    const texture = this.#colour;
    const size = `${canvas.width}×${canvas.height}`; // a texture keeps the size that it was made with
    if (texture?.name !== size) {
      texture?.dispose();
      this.#colour = new CanvasTexture(canvas);
      this.#colour.name = size;
      this.#colour.flipY = false;
      this.#colour.generateMipmaps = false;
      this.#colour.minFilter = LinearFilter;
      this.#material.uniforms['colour']!.value = this.#colour;
    }
    this.#colour!.needsUpdate = true;
  }
}
