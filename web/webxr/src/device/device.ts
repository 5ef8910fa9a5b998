// What a device is to the runtime: the stream from a server, the fake device of the test API, or none.
import type { DepthSupport, NativeDepth, XREye, XRDepthDataFormat, XRDepthType } from '../depth/host';
import type { DeviceInputs } from './input';

export type XRSessionMode = 'inline' | 'immersive-vr' | 'immersive-ar';
export type XREnvironmentBlendMode = 'opaque' | 'additive' | 'alpha-blend';
export type XRInteractionMode = 'screen-space' | 'world-space';
export type XRVisibilityState = 'visible' | 'visible-blurred' | 'hidden';

/** Tangents of the angles from the view's axis to its borders, all positive in an ordinary camera. */
export interface FieldOfView {
  readonly left: number;
  readonly right: number;
  readonly up: number;
  readonly down: number;
}

/** One picture that a page draws. */
export interface DeviceView {
  readonly eye: XREye;
  /** A matrix is handed to pages as it is; tangents follow the session's near and far; null fits the canvas. */
  readonly projection: Float32Array | FieldOfView | null;
  readonly viewerFromView: Float32Array;
  /** Pixels of the picture it is meant for, where that matters: a canvas is sized to it. */
  readonly resolution: { readonly width: number; readonly height: number } | null;
}

/** What a device knows of one moment. */
export interface DeviceFrame {
  readonly sequence: number;
  /** Milliseconds on the clock of `performance.now()`. */
  readonly time: number;
  readonly depth: NativeDepth | null;
  /** One or two. */
  readonly views: readonly DeviceView[];
  /** The viewer in local space; null: not tracked now. */
  readonly viewer: Float32Array | null;
  /** The viewer's position is guessed, its orientation is not. */
  readonly emulatedPosition?: boolean;
}

/** What a session asks of its device. */
export interface DeviceSession {
  readonly mode: XRSessionMode;
  readonly features: readonly string[];
  /** What was agreed on; null: the session senses no depth. */
  readonly depthFormat: XRDepthDataFormat | null;
  /** null: the device chooses. */
  readonly depthType: XRDepthType | null;
}

export interface Device {
  /** What it can do is known from then on; requests for immersive sessions wait for it. */
  readonly ready?: Promise<void>;
  /** "inline" goes without asking. */
  readonly modes: readonly XRSessionMode[];
  /** Feature descriptors that it can grant, such as "local-floor", "depth-sensing"; "viewer" and "local" go without. */
  readonly features: readonly string[];
  readonly blendMode: XREnvironmentBlendMode;
  readonly interactionMode: XRInteractionMode;
  /** null: it senses no depth. */
  readonly depthSupport: DepthSupport | null;
  readonly gpu: 'linear' | 'window-space';
  /** The floor in local space; null: it is guessed. */
  readonly localFromFloor: Float32Array | null;
  /** Corners of the room on the floor, (x, z) each; empty where they are not known. */
  readonly bounds: readonly (readonly [number, number])[];
  /** The newest frame, taken at the start of each XR frame; null until there is one. */
  readonly current: DeviceFrame | null;
  /** Set by the runtime: to be called whenever `current` has become newer. */
  onframe: (() => void) | null;
  /** Set by the runtime: to be called when local space has jumped. */
  onreset?: (() => void) | null;
  /** Set by the runtime: to be called when the user sees more or less of the session than before. */
  onvisibility?: ((state: XRVisibilityState) => void) | null;
  /** Controllers besides the touches on the canvas. */
  readonly inputs?: DeviceInputs;
  /** An immersive session has begun; until it ends frames are wanted. What it throws refuses the session, whose end
   * follows as that of any other. */
  sessionStarted?(session: DeviceSession): void;
  /** The page has made its layer, and its canvas is about to enter the top layer over a black ground: what enters
   * it in this call is seen behind the canvas. The canvas' picture is fitted into the window as `object-fit: contain`
   * does. What was put there is the device's to remove when the session ends. */
  surface?(canvas: HTMLCanvasElement): void;
  sessionEnded?(): void;
}

/** What a script finds at `globalThis[Symbol.for('nearfar.webxr')]`. */
export interface Hook {
  /** Puts a device under navigator.xr in place of the one before, whose session ends; null takes it away. */
  connect(device: Device | null): void;
  readonly device: Device | null;
}
