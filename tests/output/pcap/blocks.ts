/**
 * A strict pcapng reader for tests, written independently of the code under test.
 *
 * @module
 */

/** One packet of a file. */
export interface ReadPacket {
  /** Its interface's name and description. */
  name: string | undefined;
  description: string | undefined;
  /** Nanoseconds since the Unix epoch. */
  time: bigint;
  /** The record's bytes, and their original number. */
  data: Uint8Array;
  original: number;
  comment: string | undefined;
  flags: number | undefined;
  dropped: bigint | undefined;
}

/** Contents of a file. */
export interface ReadFile {
  sections: number;
  linkTypes: number[];
  /** Names in the order of their descriptions. */
  names: (string | undefined)[];
  packets: ReadPacket[];
  /** Comments and drop counts of statistics. */
  losses: { comment: string | undefined; dropped: bigint | undefined; description?: string }[];
}

const TEXT = new TextDecoder("utf-8", { fatal: true });

/** Reads blocks; throws if anything violates the format. */
export function readBlocks(bytes: Uint8Array): ReadFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const file: ReadFile = { sections: 0, linkTypes: [], names: [], packets: [], losses: [] };
  let interfaces: { name: string | undefined; description: string | undefined }[] = [];
  for (let at = 0; at < bytes.length;) {
    const type = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (length % 4 !== 0 || view.getUint32(at + length - 4, true) !== length) {
      throw new Error(`a block of ${length} bytes at ${at}`);
    }
    const end = at + length - 4;
    if (type === 0x0a0d0d0a) {
      file.sections++;
      interfaces = [];
      options(view, at + 24, end);
    } else if (type === 1) {
      const found = options(view, at + 16, end);
      if (found.get(9)?.[0] !== 9) throw new Error("time stamps are not in nanoseconds");
      if (view.getUint32(at + 12, true) !== 262144) throw new Error("another snapshot length");
      interfaces.push({ name: text(found.get(2)), description: text(found.get(3)) });
      file.names.push(text(found.get(2)));
      file.linkTypes.push(view.getUint16(at + 8, true));
    } else if (type === 6) {
      const captured = view.getUint32(at + 20, true);
      const behind = at + 28 + (captured + 3 & ~3);
      for (let i = at + 28 + captured; i < behind; i++) {
        if (bytes[i] !== 0) throw new Error("padding is not zero");
      }
      const found = options(view, behind, end);
      const place = interfaces[view.getUint32(at + 8, true)];
      if (place === undefined) throw new Error(`no such interface, at ${at}`);
      file.packets.push({
        ...place,
        time: BigInt(view.getUint32(at + 12, true)) << 32n | BigInt(view.getUint32(at + 16, true)),
        data: bytes.slice(at + 28, at + 28 + captured),
        original: view.getUint32(at + 24, true),
        comment: text(found.get(1)),
        flags: found.get(2)?.[0],
        dropped: number(found.get(4)),
      });
    } else if (type === 5) {
      const found = options(view, at + 20, end);
      const { description } = interfaces[view.getUint32(at + 8, true)]!;
      file.losses.push({
        comment: text(found.get(1)),
        dropped: number(found.get(5)),
        ...description !== undefined && { description },
      });
    } else throw new Error(`an unexpected block of type ${type}`);
    at += length;
  }
  return file;
}

function options(view: DataView, from: number, end: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = from; at < end;) {
    const code = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (code === 0) {
      if (length !== 0 || at + 4 !== end) throw new Error("options end in another place");
      return found;
    }
    const value = new Uint8Array(view.buffer, view.byteOffset + at + 4, length).slice();
    found.set(code, value);
    at += 4 + (length + 3 & ~3);
  }
  if (from !== end) throw new Error("options do not end");
  return found;
}

function text(value: Uint8Array | undefined): string | undefined {
  return value && TEXT.decode(value);
}

function number(value: Uint8Array | undefined): bigint | undefined {
  return value && new DataView(value.buffer).getBigUint64(0, true);
}
