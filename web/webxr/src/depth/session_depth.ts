// Depth sensing of one session: what was agreed on, what the device has now, and how a view sees it.
//
//   NativeDepth ──reprojected, where the view is to be matched──▶ ──converted──▶ Picture (one for each eye)
import { multiplied } from '../geometry/matrix';
import { notSupported } from '../idl/errors';
import { converted } from './conversion';
import type { DepthSource, NativeDepth, ViewState, XREye } from './host';
import { host } from './host';
import type { Samples } from './native_depth';
import { samplesOf } from './native_depth';
import type { DepthConfiguration } from './negotiation';
import { reprojected } from './reprojection';

/** Depth in the format that was agreed on. Never changes: a newer one is another object. */
export interface Picture {
  readonly native: NativeDepth;
  readonly samples: Samples;
  readonly rawValueToMeters: number;
}

/** Where depth was seen from, as pages are told. */
export interface Geometry {
  readonly projection: Float32Array;
  readonly transform: object;
}

/** What depth of a sensor that is not the view depends on. */
interface Place {
  readonly viewProjection: Float32Array;
  readonly viewerFromView: Float32Array;
}

interface Made {
  readonly picture: Picture;
  /** null: every view sees the same. */
  readonly place: Place | null;
}

export class SessionDepth {
  active = true;
  #latched: NativeDepth | null = null;
  /** To be called when the session ends. */
  readonly closers: (() => void)[] = [];
  readonly #made = new Map<XREye, Made>();

  readonly configuration: DepthConfiguration;
  readonly source: DepthSource;

  constructor(configuration: DepthConfiguration, source: DepthSource) {
    this.configuration = configuration;
    this.source = source;
  }

  /** A new frame: from here to the next one depth is what the device has now. */
  latch(): void {
    this.#latched = this.source.current;
  }

  /** null: sensing is paused, or this frame has no depth. */
  picture(view: ViewState): Picture | null {
    const native = this.#latched;
    if (!this.active || !native) return null;
    const place = this.configuration.matchDepthView && !isAligned(native) ? placeOf(view) : null;
    const eye = place ? view.eye : 'none';
    const before = this.#made.get(eye);
    if (before?.picture.native === native && isSame(before.place, place)) return before.picture;
    const samples = place
      ? reprojected(native, place.viewProjection, place.viewerFromView)
      : samplesOf(native.bytes, native.format);
    const scaled = converted(samples, native.rawValueToMeters, this.configuration.dataFormat);
    const picture = { native, ...scaled };
    this.#made.set(eye, { picture, place });
    return picture;
  }

  /** The view's own geometry where depth is aligned with it or was matched to it, else the sensor's. */
  geometry(native: NativeDepth, view: ViewState): Geometry {
    if (this.configuration.matchDepthView || isAligned(native)) return view;
    const { projection, viewerFromSensor } = native;
    return {
      projection: projection ? projection.slice() : view.projection,
      transform: viewerFromSensor
        ? host.rigid(multiplied(view.referenceFromViewer, viewerFromSensor))
        : view.transform,
    };
  }
}

const sessions = new WeakMap<object, SessionDepth>();

/** A session gets depth sensing, as it was agreed on. */
export function enableDepth(session: object, configuration: DepthConfiguration, source: DepthSource): void {
  sessions.set(session, new SessionDepth(configuration, source));
  // The first explainer's name; on the object itself, as in older_names.ts.
  const older = { value: configuration.dataFormat, configurable: true, writable: true };
  Object.defineProperty(session, 'depthFormat', older);
}

/** At the start of each frame of a session; one without depth sensing is passed over. */
export function beginFrame(session: object): void {
  sessions.get(session)?.latch();
}

/** After a session has ended. */
export function endSession(session: object): void {
  for (const close of sessions.get(session)?.closers.splice(0) ?? []) close();
}

export function depthOf(session: object): SessionDepth | undefined {
  return sessions.get(session);
}

/** Throws NotSupportedError where the session has no depth sensing. */
export function enabledDepthOf(session: object): SessionDepth {
  const depth = sessions.get(session);
  if (!depth) throw notSupported('depth sensing is not enabled in this session');
  return depth;
}

function isAligned(native: NativeDepth): boolean {
  return native.projection === null && native.viewerFromSensor === null;
}

function placeOf(view: ViewState): Place {
  return {
    viewProjection: Float32Array.from(view.projection),
    viewerFromView: Float32Array.from(view.viewerFromView),
  };
}

function isSame(one: Place | null, other: Place | null): boolean {
  if (!one || !other) return one === other;
  return (
    one.viewProjection.every((value, index) => value === other.viewProjection[index]) &&
    one.viewerFromView.every((value, index) => value === other.viewerFromView[index])
  );
}
