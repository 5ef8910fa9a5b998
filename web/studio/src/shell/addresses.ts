// Where things stand in this page: #photos/IMG_0042.HEIC, #takes/room.mcap.

export function photoAddress(id: string): string {
  return `#photos/${encodeURIComponent(id)}`;
}

export function takeAddress(id: string): string {
  return `#takes/${encodeURIComponent(id)}`;
}
