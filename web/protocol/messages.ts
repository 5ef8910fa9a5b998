// The messages between a nearfar server and its pages, written from src/nearfar/studio/messages.py.
// Don't edit: python -m nearfar.studio.typescript web/protocol
//
// One binary WebSocket message each: u32 length of the header, the header (JSON), zeros up to a multiple of
// 8, then the blobs, each padded likewise. Little-endian. docs/stream-format.md has it in full.

export const PROTOCOL = 2;

/** Bytes behind the header: the place of one in `blobs`. */
export interface BlobReference {
  readonly blob: number;
}

/** 16 numbers, column by column, each a float32. */
export type Matrix = readonly number[];

/** What the header of each message has besides the message: the length of each blob in bytes. */
export interface Blobs {
  readonly blobs: readonly number[];
}

export type DepthDataFormat = 'luminance-alpha' | 'float32' | 'unsigned-short';

export type DepthType = 'raw' | 'smooth';

export type DepthUsage = 'cpu-optimized' | 'gpu-optimized';

export type Eye = 'none' | 'left' | 'right';

export type SessionMode = 'inline' | 'immersive-vr' | 'immersive-ar';

export type GPULayout = 'linear' | 'window-space';

export type Profile = 'spec' | 'arcore' | 'quest';

export type DepthAccuracy = 'relative' | 'absolute';

export type DepthCoding = 'plain' | 'short' | 'packed';

/** What a device can do where depth is asked for; the first of each is what it prefers. */
export interface DepthSupportPart {
  readonly types: readonly DepthType[];
  readonly formats: readonly DepthDataFormat[];
  readonly usages: readonly DepthUsage[];
}

/** The first message to a page: what feeds it. It comes again where another device feeds it from then on. */
export interface Hello {
  readonly type: 'hello';
  /** `PROTOCOL`. */
  readonly protocol: number;
  /** its name, for people. */
  readonly device: string;
  /** as which device it shows itself. */
  readonly profile: Profile;
  /** the modes of session that it takes. */
  readonly modes: readonly SessionMode[];
  /** the feature descriptors that it can grant. */
  readonly features: readonly string[];
  /** null where it senses no depth. */
  readonly depthSupport: DepthSupportPart | null;
  /** how its depth textures are laid out. */
  readonly gpuLayout: GPULayout;
  /**
   * seconds from 1970 to when the clock of `FrameMessage.time` showed 0. Their sum compares with
   * `performance.timeOrigin + performance.now()` of a page, which counts milliseconds.
   */
  readonly timeOrigin: number;
  /** the key to the broad way for large frames, a name below the stream's address. */
  readonly lane: string;
}

/** One picture that a page draws. */
export interface ViewPart {
  /** for which eye. */
  readonly eye: Eye;
  /**
   * of the angles from the axis to the left, right, upper and lower edge; positive where the axis lies
   * inside.
   */
  readonly tangents: readonly [number, number, number, number];
  /** where it is in the viewer's space. */
  readonly offset: Matrix;
}

/** A device's depth buffer. */
export interface DepthPart {
  /** the buffer, coded as `coding` says. */
  readonly data: BlobReference;
  /** how it is sent. */
  readonly coding: DepthCoding;
  /** what was done to it, as `Wanted` had it. */
  readonly depthType: DepthType | null;
  /** what the decoded buffer holds: 16-bit numbers or float32, 0 for a hole. */
  readonly format: DepthDataFormat;
  /** columns. */
  readonly width: number;
  /** rows. */
  readonly height: number;
  /** what a raw value of 1 is in metres, a float32. */
  readonly rawValueToMeters: number;
  /** whether metres hold in the world; relative ones are nominal. */
  readonly accuracy: DepthAccuracy;
  /** from the view's 0..1 (top left, y down) to the buffer's. */
  readonly normDepthBufferFromNormView: Matrix;
  /** the sensor's; null where it is the view's. */
  readonly projection: Matrix | null;
  /** where the sensor is in the viewer's space; null where it is the view. */
  readonly viewOffset: Matrix | null;
}

/** A camera's picture, upright as the first view is: a JPEG. */
export interface ColorPart {
  readonly data: BlobReference;
  readonly width: number;
  readonly height: number;
}

/** How far each value of a depth buffer is to be believed. */
export interface ConfidencePart {
  /** one byte each, row by row, without padding: 0 not at all, 255 fully. */
  readonly data: BlobReference;
  /** columns, as many as the buffer has. */
  readonly width: number;
  /** rows. */
  readonly height: number;
}

/** What a device knows of one moment. */
export interface FrameMessage {
  readonly type: 'frame';
  /** counts what the device gave; gaps are frames that were passed over for newer ones. */
  readonly sequence: number;
  /** seconds of the server's clock. */
  readonly time: number;
  /** null where this moment has none, or the page wants none. */
  readonly depth: DepthPart | null;
  /** null likewise. */
  readonly color: ColorPart | null;
  /** one or two. */
  readonly views: readonly ViewPart[];
  /** the viewer in the world; null where it is not known. */
  readonly viewerPose: Matrix | null;
  /** of the depth in this message; null where it is not known, or the page wants none. */
  readonly confidence: ConfidencePart | null;
}

/** What went wrong, in words; the server closes the stream after it. */
export interface Problem {
  readonly type: 'problem';
  readonly reason: string;
}

/** The device has come to its end: no frame follows, the last one stands. The stream stays open. */
export interface Ended {
  readonly type: 'ended';
  readonly reason: string;
}

/** What frames are to carry. A page sends it first, and again when it changes its mind. */
export interface Wanted {
  readonly type: 'wanted';
  /** how depth is to be coded, null: none is wanted. */
  readonly depth: DepthCoding | null;
  /** whether pictures are wanted. */
  readonly color: boolean;
  /** which of the types that `Hello` lists, whatever other pages want; null leaves it to the device. */
  readonly depthType: DepthType | null;
  /** whether the confidence of that depth is wanted. */
  readonly confidence: boolean;
}

/** The page has taken a frame. At most two are on their way to it; meanwhile newer ones replace others. */
export interface Taken {
  readonly type: 'taken';
  readonly sequence: number;
}

/** The depth of a photo, aligned with its upright picture: an answer over HTTP. */
export interface PhotoDepth {
  readonly type: 'photo-depth';
  /**
   * float32, plain, distances from the camera's plane; 0 for a hole and for what is infinitely far. Its size
   * may be smaller than that of the picture and of the map in the file.
   */
  readonly depth: DepthPart;
  /**
   * of the angles from the axis to the left, right, upper and lower edge of the picture; the lens counts as
   * rectilinear.
   */
  readonly tangents: readonly [number, number, number, number];
  /** whether the view is a guess, for the file does not tell the camera's. */
  readonly assumed: boolean;
  /** whether distances have a unit, metres; else they mean something only to one another. */
  readonly metric: boolean;
}

export type FromServer = Hello | FrameMessage | Problem | Ended;

export type FromPage = Wanted | Taken;

export type FromStudio = PhotoDepth;
