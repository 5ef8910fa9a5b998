// A nearfar server as the device under navigator.xr.
//
//   StreamClient ─ frame ─▶ current (moved by PointerPose) ─ onframe ─▶ session
//                     └───▶ CameraPicture, in the same moment
import type { DepthSupport, NativeDepth, XRDepthType } from '../depth/host';
import { CameraPicture } from '../device/camera_picture';
import type { Device, DeviceFrame, DeviceSession, DeviceView, FieldOfView, XRSessionMode } from '../device/device';
import { PointerPose } from '../device/pointer_pose';
import { identity, multiplied, projectionOf, rigidInverse, type Matrix } from '../geometry/matrix';
import type { FrameMessage, Hello, ViewPart } from '../../../protocol/messages';
import { codingFor } from './address';
import { StreamClient, type StreamListener } from './client';
import type { StreamFrame } from './decoding';

/** How long sessions wait for the first frame of a camera that is slow to start, milliseconds. */
const PATIENCE = 15000;

export class StreamDevice implements Device {
  readonly blendMode = 'alpha-blend';
  readonly interactionMode = 'screen-space';
  readonly localFromFloor = null;
  readonly bounds = [];
  onframe: (() => void) | null = null;
  /** Its first frame is here, so that the shape of the views is known; or there is none to be had. */
  readonly ready: Promise<void>;
  readonly #address: URL;
  readonly #client: StreamClient;
  readonly #pointer: PointerPose | null;
  #makeReady!: () => void;
  #patience = 0;
  #hello: Hello | null = null;
  #session: DeviceSession | null = null;
  #picture: CameraPicture | null = null;
  #received: DeviceFrame | null = null;
  /** Of the depth in `#received`. */
  #depthType: XRDepthType | null = null;
  #moved: { readonly frame: DeviceFrame; readonly by: Matrix; readonly result: DeviceFrame } | null = null;
  #views: { readonly text: string; readonly parsed: readonly DeviceView[] } = { text: '', parsed: [] };

  /** Where a server's stream is; whether the viewer can be moved by mouse and keys; and `StreamClient`'s script. */
  constructor(address: URL, movable: boolean, script = '') {
    this.#address = address;
    this.#pointer = movable ? new PointerPose() : null;
    this.ready = new Promise((resolve) => {
      this.#makeReady = resolve;
      this.#patience = setTimeout(resolve, PATIENCE);
    });
    const listener: StreamListener = {
      hello: (hello) => {
        this.#hello = hello;
      },
      frame: (frame) => this.#take(frame),
      lost: () => this.#lose(),
    };
    this.#client = new StreamClient(address.href, listener, script);
  }

  get modes(): readonly XRSessionMode[] {
    return this.#hello?.modes ?? [];
  }

  get features(): readonly string[] {
    return this.#hello?.features ?? [];
  }

  get depthSupport(): DepthSupport | null {
    return this.#hello?.depthSupport ?? null;
  }

  get gpu(): 'linear' | 'window-space' {
    return this.#hello?.gpuLayout ?? 'linear';
  }

  get current(): DeviceFrame | null {
    const frame = this.#received;
    if (!frame) return null;
    const by = this.#pointer?.deviceFromViewer ?? null;
    this.#picture?.place(frame.views, by);
    if (!by) return frame;
    if (this.#moved?.frame !== frame || this.#moved.by !== by)
      this.#moved = { frame, by, result: seenFrom(frame, by) };
    return this.#moved.result;
  }

  sessionStarted(session: DeviceSession): void {
    this.#session = session;
    // What the session before wanted may still be here, or on its way.
    if (session.depthType !== this.#depthType) this.#dropDepth();
    this.#depthType = session.depthType;
    this.#pointer?.start();
    const depth = session.depthFormat && codingFor(this.#address, session.depthFormat);
    this.#client.want({ depth, color: session.mode === 'immersive-ar', depthType: session.depthType });
  }

  surface(canvas: HTMLCanvasElement): void {
    if (this.#session?.mode !== 'immersive-ar') return;
    this.#picture?.remove();
    this.#picture = new CameraPicture(canvas);
  }

  sessionEnded(): void {
    this.#session = null;
    this.#pointer?.stop();
    this.#picture?.remove();
    this.#picture = null;
    this.#client.want({});
  }

  /** For good: it has no stream from then on, and nobody waits for one. */
  close(): void {
    clearTimeout(this.#patience);
    this.#client.close();
    this.#lose();
  }

  #take({ message, depth, picture }: StreamFrame): void {
    this.#received = {
      sequence: message.sequence,
      time: ((this.#hello?.timeOrigin ?? 0) + message.time) * 1000 - performance.timeOrigin,
      depth: message.depth?.depthType === this.#depthType ? depth : null,
      views: this.#viewsOf(message),
      viewer: message.viewerPose && new Float32Array(message.viewerPose),
    };
    if (picture && message.color) {
      this.#picture?.show(picture, message.color, message.views.length);
      picture.close();
    }
    this.#makeReady();
    this.onframe?.();
  }

  /** Without a stream there is no depth; where the viewer was stands. */
  #lose(): void {
    this.#makeReady();
    this.#dropDepth();
  }

  #dropDepth(): void {
    if (this.#received) this.#received = { ...this.#received, depth: null };
  }

  /** The same views as before where nothing about them has changed. */
  #viewsOf(message: FrameMessage): readonly DeviceView[] {
    const text = JSON.stringify(message.views);
    if (text !== this.#views.text) this.#views = { text, parsed: message.views.map(deviceView) };
    return this.#views.parsed;
  }
}

function deviceView({ eye, tangents: [left, right, up, down], offset }: ViewPart): DeviceView {
  return {
    eye,
    projection: { left, right, up, down },
    viewerFromView: new Float32Array(offset),
    resolution: null,
  };
}

/** A frame as a viewer has it who is elsewhere than the device: its sensor is no longer the view. */
function seenFrom(frame: DeviceFrame, deviceFromViewer: Matrix): DeviceFrame {
  const viewerFromDevice = rigidInverse(deviceFromViewer);
  const [first] = frame.views;
  let depth: NativeDepth | null = null;
  if (frame.depth && first)
    depth = {
      ...frame.depth,
      projection: frame.depth.projection ?? projectionOf(first.projection as FieldOfView, 0.1, 1000),
      viewerFromSensor: multiplied(viewerFromDevice, frame.depth.viewerFromSensor ?? first.viewerFromView),
    };
  return { ...frame, depth, viewer: multiplied(frame.viewer ?? identity(), deviceFromViewer) };
}
