/**
 * Reads what `deno compile` has put into an executable: settings, modules and packages. Pure.
 * The layout is that of `serialize_binary_data_section` in Deno's cli/standalone/binary.rs.
 *
 * @module
 */

/** Stands at the beginning and at the end of the section. */
const MAGIC = "d3n0l4nd";
/** Flags of a remote module, each with a part of its own: transpiled, source map, CommonJS exports. */
const REMOTE_PARTS = [1, 2, 4];

/** Settings of the executable. */
export interface Metadata {
  /** Rights, as in `allow_read`: null for none, an empty list for all; and `prompt`. */
  permissions: Readonly<Record<string, readonly string[] | boolean | null>>;
  /** Key of the code cache in the folder for temporary files; null for none. */
  code_cache_key: number | null;
  /** Flags of V8. */
  v8_flags: readonly string[];
  /** Module that runs first, by its path. */
  entrypoint_key: string;
  /** Import map. */
  workspace_resolver: { import_map: { json: string } | null };
  /** Unstable features. */
  unstable_config: { features: readonly string[] };
}

/** Contents of an executable. */
export interface Section {
  /** Its settings. */
  metadata: Metadata;
  /** The settings as text. */
  settings: string;
  /** Its files, by their path. */
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** A folder, a file or a link in the section; the file's text is at `o`: position and length. */
type Entry =
  | { Dir: { n: string; e: readonly Entry[] } }
  | { File: { n: string; o: readonly [offset: number, length: number] } }
  | { Symlink: { n: string } };

/**
 * Reads the section of an executable.
 *
 * @param bytes The executable.
 * @throws {Error} If it has none, or one of another layout.
 */
export function readSection(bytes: Uint8Array<ArrayBuffer>): Section {
  const reader = new Reader(bytes, beginning(bytes));
  const settings = reader.text(reader.u64());
  reader.skip(reader.u64()); // The snapshot of npm.
  for (let count = reader.u32(); count > 0; count--) reader.skip(reader.u32() + 4); // Addresses.
  reader.skip(8 * reader.u32()); // Redirects.
  for (let count = reader.u32(); count > 0; count--) {
    reader.skip(5); // Its address and its type.
    reader.skip(reader.u32());
    const flags = reader.u8();
    for (const part of REMOTE_PARTS) if ((flags & part) !== 0) reader.skip(reader.u32());
  }
  const entries: readonly Entry[] = JSON.parse(reader.text(reader.u64()));
  const content = reader.bytes(reader.u64());
  if (reader.text(MAGIC.length) !== MAGIC) throw new Error("The embedded section has no end");
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  addFiles(files, entries, "", content);
  return { metadata: JSON.parse(settings), settings, files };
}

/** Returns the position behind the magic that the settings follow. */
function beginning(bytes: Uint8Array<ArrayBuffer>): number {
  const magic = new TextEncoder().encode(MAGIC);
  const brace = "{".charCodeAt(0);
  for (let at = bytes.indexOf(magic[0]!); at >= 0; at = bytes.indexOf(magic[0]!, at + 1)) {
    if (bytes[at + 16] === brace && magic.every((byte, n) => bytes[at + n] === byte)) {
      return at + magic.length;
    }
  }
  throw new Error("There is no embedded section");
}

function addFiles(
  files: Map<string, Uint8Array<ArrayBuffer>>,
  entries: readonly Entry[],
  folder: string,
  content: Uint8Array<ArrayBuffer>,
): void {
  for (const entry of entries) {
    if ("Dir" in entry) addFiles(files, entry.Dir.e, `${folder}${entry.Dir.n}/`, content);
    if (!("File" in entry)) continue;
    const { n: name, o: [offset, length] } = entry.File;
    files.set(folder + name, content.subarray(offset, offset + length));
  }
}

/** Position in the section; numbers are little-endian. */
class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.bytes(length));
  }

  skip(length: number): void {
    this.#advance(length);
  }

  #advance(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new Error("The embedded section ends early");
    return at;
  }
}
