// What was dropped: files, and the photos in dropped folders, however deep.

const PHOTO = /\.(heic|heif|hif|jpe?g)$/i;

export interface Dropped {
  readonly files: readonly File[];
  /** How many files of dropped folders are no photos, and are left out. */
  readonly leftOut: number;
}

/** Must be called while the event is handled: afterwards the browser has taken the data back. */
export function droppedFiles(data: DataTransfer): Promise<Dropped> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  if (!entries.some((entry) => entry?.isDirectory))
    return Promise.resolve({ files: [...data.files], leftOut: 0 });
  return walked(entries.filter((entry) => entry !== null));
}

async function walked(entries: readonly FileSystemEntry[]): Promise<Dropped> {
  const files: File[] = [];
  let leftOut = 0;
  const visit = async (entry: FileSystemEntry, inside: boolean): Promise<void> => {
    if (entry.isDirectory) {
      for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await visit(child, true);
    } else if (inside && !PHOTO.test(entry.name)) leftOut++;
    else files.push(await fileOf(entry as FileSystemFileEntry));
  };
  for (const entry of entries) await visit(entry, false);
  return { files, leftOut };
}

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    // a reader gives a hundred at a time, and none at the end
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found.sort((one, other) => one.name.localeCompare(other.name));
    found.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
