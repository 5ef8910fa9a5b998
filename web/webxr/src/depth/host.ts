// All that depth sensing knows of the WebXR core that it is put into.
//
//   core ──enableDepth, beginFrame, endSession, installDepth──▶ depth ──Host──▶ core

export type XRDepthType = 'raw' | 'smooth';
export type XRDepthUsage = 'cpu-optimized' | 'gpu-optimized';
export type XRDepthDataFormat = 'luminance-alpha' | 'float32' | 'unsigned-short';
export type XREye = 'none' | 'left' | 'right';
export type GL = WebGLRenderingContext | WebGL2RenderingContext;

/** What a device can do: every combination of these. The first of each is what it prefers; none is empty. */
export interface DepthSupport {
  readonly types: readonly XRDepthType[];
  readonly formats: readonly XRDepthDataFormat[];
  readonly usages: readonly XRDepthUsage[];
}

/** Depth as a device has it. Raw values: one an entry, rows from the top, no padding, 0 where there is none. */
export interface NativeDepth {
  readonly bytes: Uint8Array;
  readonly format: XRDepthDataFormat;
  readonly width: number;
  readonly height: number;
  readonly rawValueToMeters: number;
  /** 16 numbers, column-major, as all matrices here. */
  readonly normDepthBufferFromNormView: Float32Array;
  /** null: the sensor sees as the view does. */
  readonly projection: Float32Array | null;
  /** null: the sensor stands where the view stands. */
  readonly viewerFromSensor: Float32Array | null;
}

/** Where a session's depth comes from. */
export interface DepthSource {
  readonly current: NativeDepth | null;
  readonly support: DepthSupport;
  /** `linear`: raw values in a TEXTURE_2D, as the specification says; `window-space`: as headsets do. */
  readonly gpu: 'linear' | 'window-space';
}

export interface ViewState {
  readonly frame: object;
  readonly eye: XREye;
  readonly projection: Float32Array;
  /** The view's XRRigidTransform, in the reference space that the pose was asked in. */
  readonly transform: object;
  readonly referenceFromViewer: Float32Array;
  readonly viewerFromView: Float32Array;
  /** All views of the same pose, this one too. */
  readonly siblings: readonly ViewState[];
}

export interface FrameState {
  readonly session: object;
  readonly active: boolean;
  /** The frame is one that requestAnimationFrame's callbacks get. */
  readonly animation: boolean;
}

export interface SessionState {
  readonly ended: boolean;
  /** The animation frame whose callbacks run now. */
  readonly currentFrame: object | null;
  readonly near: number;
  readonly far: number;
}

export interface BindingState {
  readonly session: object;
  readonly gl: GL;
}

/** Each looks behind an object of the page; undefined: it is not one of the core's. */
export interface Host {
  view(value: unknown): ViewState | undefined;
  frame(value: unknown): FrameState | undefined;
  session(value: unknown): SessionState | undefined;
  binding(value: unknown): BindingState | undefined;
  /** A new XRRigidTransform; the matrix must be rigid. */
  rigid(matrix: Float32Array): object;
  /** The matrix of an XRRigidTransform. */
  matrix(value: unknown): Float32Array | undefined;
}

/** What `installDepth(prototypes)` puts its members on. */
export interface DepthPrototypes {
  readonly session: object;
  readonly frame: object;
  readonly binding: object;
}

export let host: Host;

/** The core says what it is, once, before any session. */
export function provideHost(core: Host): void {
  host = core;
}
