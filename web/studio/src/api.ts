// What the page asks its server: one function for each request, and `ApiError` with the server's own words.
import type {
  CameraChoice,
  CameraState,
  DeviceEntry,
  EditWish,
  PhotoDetails,
  PhotoEntry,
  PhotoShelf,
  TakeDetails,
  TakeShelf,
} from '../../protocol/answers';

/** What the server said, or that it did not answer. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** `onanswer` is called whenever the studio answers, whatever it says. */
export const server: { onanswer: (() => void) | null } = { onanswer: null };

/** A response; throws `ApiError` where it is none that was asked for. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The studio does not answer. Is `nearfar studio` still running? Start it again.');
  }
  server.onanswer?.();
  if (!response.ok) throw new ApiError(response.status, await reasonOf(response));
  return response;
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === 'object' && said !== null && 'reason' in said) return String(said.reason);
  } catch {
    // words, not JSON: as they are, unless nobody wrote them
  }
  const failed = 'The studio failed at this, or was ended meanwhile. Try again; its terminal says more.';
  return (response.status < 500 && text.trim()) || failed;
}

async function json<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  return (await (await request(path, init)).json()) as Answer;
}

function post<Answer>(path: string, wish?: object): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json' };
  return json(path, { method: 'POST', headers, body: JSON.stringify(wish ?? {}) });
}

function remove<Answer>(path: string): Promise<Answer> {
  return json(path, { method: 'DELETE' });
}

const place = encodeURIComponent;

export const camera = {
  state: () => json<CameraState>('/studio/camera'),
  choose: (choice: Partial<CameraChoice>) => post<CameraState>('/studio/camera', choice),
  devices: () => json<readonly DeviceEntry[]>('/studio/devices'),
  shoot: () => post<PhotoEntry>('/studio/shots'),
  record: (on: boolean) => post<CameraState>('/studio/recording', { on }),
};

export const photos = {
  all: () => json<PhotoShelf>('/studio/photos'),
  add: (file: File) => json<PhotoEntry>(`/studio/photos?name=${place(file.name)}`, { method: 'POST', body: file }),
  details: (id: string, signal: AbortSignal | null = null) =>
    json<PhotoDetails>(`/studio/photos/${place(id)}`, { signal }),
  edit: (id: string, wish: EditWish) => post<PhotoDetails>(`/studio/photos/${place(id)}/edits`, wish),
  revert: (id: string) => remove<PhotoDetails>(`/studio/photos/${place(id)}/edits`),
  remove: (id: string) => remove<PhotoShelf>(`/studio/photos/${place(id)}`),
  empty: () => remove<PhotoShelf>('/studio/photos'),
  /** The address of something that is made of a photo: 'thumbnail.jpg', 'picture.jpg', 'depth', 'download/ply' … */
  address: (id: string, part: string, query: Readonly<Record<string, string | number>> = {}) =>
    `/studio/photos/${place(id)}/${part}${queryOf(query)}`,
};

export const takes = {
  all: () => json<TakeShelf>('/studio/takes'),
  details: (id: string) => json<TakeDetails>(`/studio/takes/${place(id)}`),
  remove: (id: string) => remove<TakeShelf>(`/studio/takes/${place(id)}`),
  empty: () => remove<TakeShelf>('/studio/takes'),
  address: (id: string, part: string, query: Readonly<Record<string, string>> = {}) =>
    `/studio/takes/${place(id)}/${part}${queryOf(query)}`,
};

function queryOf(query: Readonly<Record<string, string | number>>): string {
  const text = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
