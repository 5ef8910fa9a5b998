// What the studio's page and its server say over HTTP, written from src/nearfar/studio/answers.py.
// Don't edit: python -m nearfar.studio.typescript web/protocol

export type MatteKind = 'portrait' | 'skin' | 'hair' | 'teeth' | 'glasses' | 'sky';

export type Effort = 'fast' | 'standard' | 'best';

export type DeviceSort = 'camera' | 'take' | 'photo';

export type Container = 'heic' | 'jpeg';

/** A device that can be looked through. */
export interface DeviceEntry {
  /** by which it is opened. */
  readonly name: string;
  /** what people call it. */
  readonly title: string;
  /** a camera, real or virtual; or a take or a photo of the library. */
  readonly sort: DeviceSort;
}

/** What a camera can be set to give. */
export interface FormatEntry {
  /** its size and rate, in words. */
  readonly title: string;
  /** of the picture, px. */
  readonly width: number;
  /** px. */
  readonly height: number;
  /** frames a second. */
  readonly rate: number;
  /** the size of the depth, in words; null where it gives none. */
  readonly depth: string | null;
}

/** Frames that were captured and not shown. */
export interface DroppedFrames {
  /** how many since the camera started. */
  readonly count: number;
  /** why, in words. */
  readonly reason: string;
}

/** A recording that is under way. */
export interface RecordingState {
  /** of the take. */
  readonly name: string;
  /** since its first frame. */
  readonly seconds: number;
  /** written. */
  readonly frames: number;
  /** of the file. */
  readonly bytes: number;
  /** frames that disk or processor could not keep up with. */
  readonly late: number;
}

/** The camera, and how it fares. */
export interface CameraState {
  /** its name. */
  readonly device: string;
  /** what people call it. */
  readonly title: string;
  /** what it can be set to. */
  readonly formats: readonly FormatEntry[];
  /** which of them it is set to. */
  readonly format: number;
  /** what effort its depth may be made with; empty where nothing is to choose. */
  readonly efforts: readonly Effort[];
  /** the one that is chosen; null where nothing is to choose. */
  readonly effort: Effort | null;
  /** whether it senses depth. */
  readonly hasDepth: boolean;
  /** whether it takes photos. */
  readonly canShoot: boolean;
  /** whether it runs: it does while somebody watches or it records. */
  readonly running: boolean;
  /** frames a second that it gave in the last seconds; 0 where it does not run. */
  readonly rate: number;
  /** that it gave since it started. */
  readonly frames: number;
  /** frames that were lost, by reason; empty where none were. */
  readonly dropped: readonly DroppedFrames[];
  /** whether a photo is being taken; another device, format or effort waits for it. */
  readonly shooting: boolean;
  /** null where nothing is recorded. */
  readonly recording: RecordingState | null;
  /** what it ended with, in words; null where nothing is wrong. */
  readonly problem: string | null;
}

/** What is to be another: what is null stays. */
export interface CameraChoice {
  /** a name, as `DeviceEntry` has it. */
  readonly device: string | null;
  /** a place in `CameraState.formats`. */
  readonly format: number | null;
  /** one of `CameraState.efforts`. */
  readonly effort: Effort | null;
}

/** Whether it is to be recorded. */
export interface RecordingWish {
  readonly on: boolean;
}

/** One line of what a photo says of itself. */
export interface Line {
  /** what it is about. */
  readonly label: string;
  /** what is so. */
  readonly text: string;
}

/** What the depth of a photo is. */
export interface DepthWords {
  /** columns of the map. */
  readonly width: number;
  /** rows. */
  readonly height: number;
  /** whether it has a unit; else distances mean nothing. */
  readonly metric: boolean;
  /** whether its metres are nominal. */
  readonly relative: boolean;
}

/** A photo of the library, as the strip shows it. */
export interface PhotoEntry {
  /** names it in addresses. */
  readonly id: string;
  /** of its file. */
  readonly name: string;
  /** changes when the file does: for addresses of its pictures. */
  readonly version: string;
  /** of the upright picture, px. */
  readonly width: number;
  /** px. */
  readonly height: number;
  /** whether it carries depth. */
  readonly hasDepth: boolean;
  /** of the file. */
  readonly bytes: number;
  /** why it cannot be shown, in words; null where it can. */
  readonly problem: string | null;
}

/** All that the page shows of a photo in words. */
export interface PhotoDetails {
  /** as in the strip. */
  readonly entry: PhotoEntry;
  /** of the file. */
  readonly container: Container;
  /** what is inside, line by line. */
  readonly lines: readonly Line[];
  /** null where it has none. */
  readonly depth: DepthWords | null;
  /** the mattes that it carries. */
  readonly mattes: readonly MatteKind[];
  /** the aperture that a portrait of it has at first: the stored one, else f/2.8. */
  readonly fNumber: number;
  /** null where no edit is stored. */
  readonly storedFNumber: number | null;
  /** what is sharp at first, (x, y) in 0..1 from the top left; null where there is no depth. */
  readonly focus: readonly [number, number] | null;
  /** null where no edit is stored. */
  readonly storedFocus: readonly [number, number] | null;
}

/** The photos that are kept on this machine. */
export interface PhotoShelf {
  /** where they are. */
  readonly folder: string;
  /** of all. */
  readonly bytes: number;
  /** the newest first. */
  readonly photos: readonly PhotoEntry[];
}

/** An edit that is to be stored in a photo; its picture and depth stay as they are. */
export interface EditWish {
  /** aperture in 35 mm terms. */
  readonly fNumber: number;
  /** what is sharp, (x, y) in 0..1 from the top left; null leaves what is stored. */
  readonly focus: readonly [number, number] | null;
}

/** A take of the library. */
export interface TakeEntry {
  /** names it in addresses. */
  readonly id: string;
  /** of its file. */
  readonly name: string;
  /** changes when the file does. */
  readonly version: string;
  /** of the camera that it was recorded from. */
  readonly title: string;
  /** from the first frame to the last. */
  readonly seconds: number;
  /** how many. */
  readonly frames: number;
  /** of the file. */
  readonly bytes: number;
  /** when it was written last, seconds since 1970. */
  readonly written: number;
  /** the name by which it is opened as a camera. */
  readonly device: string;
  /** whether it is being recorded now. */
  readonly recording: boolean;
  /** why it cannot be played, in words; null where it can. */
  readonly problem: string | null;
}

/** A take, frame by frame. */
export interface TakeDetails {
  /** as in the list. */
  readonly entry: TakeEntry;
  /** seconds of each frame since the first. */
  readonly times: readonly number[];
}

/** The takes that are kept on this machine. */
export interface TakeShelf {
  /** where they are. */
  readonly folder: string;
  /** of all. */
  readonly bytes: number;
  /** the newest first. */
  readonly takes: readonly TakeEntry[];
}
