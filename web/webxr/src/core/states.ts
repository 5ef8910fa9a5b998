// What stands behind each object that a page holds. The interfaces of this folder show it; only the runtime
// writes it.
import type { BindingState, FrameState, GL, ViewState } from '../depth/host';
import type { Device, DeviceView, XRSessionMode, XRVisibilityState } from '../device/device';
import type { XRHandedness, XRTargetRayMode } from '../device/input';
import type { Matrix } from '../geometry/matrix';
import { Slots } from '../idl/interface';
import type { SessionInputs } from './session_inputs';
import type { Surface } from './surface';

export type FrameCallback = (time: number, frame: object) => unknown;

export interface RenderValues {
  readonly depthNear: number;
  readonly depthFar: number;
  readonly inlineVerticalFieldOfView: number | null;
  readonly passthroughFullyObscured: boolean | null;
  readonly baseLayer: object | null;
}

/** What the device knew when a frame began: it stays so while the frame's callbacks run. */
export interface Moment {
  readonly viewer: Matrix | null;
  readonly emulatedPosition?: boolean;
  readonly views: readonly DeviceView[];
  readonly localFromFloor: Matrix | null;
  readonly bounds: Device['bounds'];
}

export interface Session {
  readonly object: EventTarget;
  readonly mode: XRSessionMode;
  readonly features: readonly string[];
  /** null: an inline session, which has none. */
  readonly device: Device | null;
  readonly overlay: HTMLElement | null;
  readonly domOverlayState: { readonly type: string } | null;
  readonly inputSources: object;
  readonly trackedSources: object;
  ended: boolean;
  visibility: XRVisibilityState;
  renderState: object;
  pending: RenderValues | null;
  moment: Moment;
  currentFrame: object | null;
  lastHandle: number;
  callbacks: Map<number, FrameCallback>;
  /** The callbacks of the frame that runs now; one that is cancelled there is not called. */
  running: Map<number, FrameCallback> | null;
  lastTime: number;
  /** The canvas in the top layer, from the first layer of an immersive session to its end. */
  surface: Surface | null;
  /** null only while the session is made. */
  inputs: SessionInputs | null;
  /** Those that the page asked for: they are told when local space has jumped. */
  readonly spaces: EventTarget[];
  /** Those made from them, which a page may make in every frame. */
  readonly offsetSpaces: Set<WeakRef<EventTarget>>;
}

export interface Frame extends FrameState {
  readonly session: EventTarget;
  readonly time: number;
  active: boolean;
}

export interface Transform {
  readonly position: DOMPointReadOnly;
  readonly orientation: DOMPointReadOnly;
  matrix: Matrix | null;
  inverse: object | null;
}

export interface Space {
  readonly session: object;
  /** The space's native origin in local space; null where it is not known. */
  readonly native: () => Matrix | null;
  readonly offset: Matrix;
  /** The position is guessed. */
  readonly emulated: () => boolean;
}

export interface ReferenceSpace extends Space {
  /** It goes where the viewer goes. */
  readonly ofViewer: boolean;
  /** The corners of the room on the floor, as they are now, for a bounded one. */
  readonly bounds: (() => Device['bounds']) | null;
}

export interface View extends ViewState {
  readonly index: number;
}

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Pose {
  readonly transform: object;
  readonly emulated: boolean;
  readonly views: readonly object[] | null;
}

export interface InputSource {
  readonly handedness: XRHandedness;
  readonly targetRayMode: XRTargetRayMode;
  readonly targetRaySpace: object;
  readonly gripSpace: object | null;
  readonly profiles: readonly string[];
}

export interface Layer {
  readonly session: object;
}

export interface WebGLLayer extends Layer {
  readonly gl: GL;
  readonly antialias: boolean;
  /** The browser keeps the picture after it has shown it. */
  readonly preserves: boolean;
  /** null: follows the canvas, as an inline session's layer does. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

export const systems = new Slots<object>('XRSystem');
export const sessions = new Slots<Session>('XRSession');
export const renderStates = new Slots<RenderValues>('XRRenderState');
export const frames = new Slots<Frame>('XRFrame');
export const transforms = new Slots<Transform>('XRRigidTransform');
export const spaces = new Slots<Space>('XRSpace');
export const referenceSpaces = new Slots<ReferenceSpace>('XRReferenceSpace');
export const views = new Slots<View>('XRView');
export const viewports = new Slots<Viewport>('XRViewport');
export const poses = new Slots<Pose>('XRPose');
export const inputSources = new Slots<InputSource>('XRInputSource');
export const inputSourceArrays = new Slots<object[]>('XRInputSourceArray');
export const layers = new Slots<Layer>('XRLayer');
export const webGLLayers = new Slots<WebGLLayer>('XRWebGLLayer');
export const bindings = new Slots<BindingState>('XRWebGLBinding');

/** What a session draws with now. */
export function renderValues(session: Session): RenderValues {
  return renderStates.of(session.renderState);
}
