// What is surely no photo that the studio takes, known by its size and first bytes: it need not go there to be refused.
//
// The words are the server's. It looks at all that is sent once more, and at far more than this.

const LARGEST = 100 * 2 ** 20; // bytes
const HEAD = 64; // bytes that tell
const HEIC = ['heic', 'heix', 'heim', 'heis', 'mif1', 'mif2', 'hevc', 'hevx', 'msf1'];
const WHAT_TO_DO = 'Drop in a HEIC or JPEG photo as the phone took it.';

/** Why a file is not taken; null: it may be. */
export async function refusalOf(file: File): Promise<string | null> {
  if (file.size > LARGEST)
    return `That is larger than the ${LARGEST / 2 ** 20} MB that fit here. Send a smaller one.`;
  const head = await file
    .slice(0, HEAD)
    .arrayBuffer()
    .catch(() => null);
  if (!head) return `${file.name}: it cannot be read. Copy it to a folder of this computer and drop it from there.`;
  const reason = reasonOf(new Uint8Array(head));
  return reason && `${file.name}: ${reason}. ${WHAT_TO_DO}`;
}

function reasonOf(head: Uint8Array): string | null {
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return null;
  const word = (at: number): string => String.fromCharCode(...head.subarray(at, at + 4));
  if (word(4) === 'ftyp') {
    const brands = [word(8)];
    for (let at = 16; at < head.length - 3; at += 4) brands.push(word(at));
    if (brands.some((brand) => HEIC.includes(brand))) return null;
    return `an ISO media file of brand '${word(8).trim()}', not a HEIC photo`;
  }
  return head.length === 0 ? 'the file is empty' : 'the file is neither HEIC nor JPEG';
}
