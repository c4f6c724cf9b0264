/** The page's files, read and compressed once. */

import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Types of the files (RFC 9239, RFC 7231). */
const TYPES: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
};
/** Addresses of the files. */
const FILES: Readonly<Record<string, string>> = {
  "/": "index.html",
  "/page.js": "page.js",
  "/page.css": "page.css",
};

/** Codings of a file (RFC 9110, section 8.4.1), the best first. */
const CODINGS = ["br", "gzip"] as const;
type Coding = (typeof CODINGS)[number];

/** A file of the page. */
export interface PageFile {
  type: string;
  etag: string;
  bytes: Uint8Array;
}

/** Content of an answer with a file. */
export interface Served extends PageFile {
  /** Value of `Content-Encoding`; undefined for none. */
  coding: Coding | undefined;
}

/** Reads a file of the page by its name. */
export type ReadPage = (name: string) => Promise<Uint8Array>;

/** The page's files. */
export class PageDocument {
  readonly #read: ReadPage;
  readonly #files = new Map<string, Promise<PageFile>>();
  readonly #coded = new Map<string, Promise<Uint8Array>>();

  constructor(read: ReadPage) {
    this.#read = read;
  }

  /** Returns whether an address is one of the page's. */
  has(path: string): boolean {
    return Object.hasOwn(FILES, path);
  }

  /**
   * Returns a file as a browser takes it.
   *
   * @param path Address, which it {@linkcode has}.
   * @param accepted `Accept-Encoding` of the request.
   */
  async file(path: string, accepted: string | undefined): Promise<Served> {
    const name = FILES[path]!;
    const file = await this.#file(name);
    const coding = CODINGS.find((one) => acceptsCoding(accepted, one));
    if (coding === undefined) return { ...file, coding };
    const key = `${name} ${coding}`;
    if (!this.#coded.has(key)) this.#coded.set(key, encode(file.bytes, coding));
    return { ...file, bytes: await this.#coded.get(key)!, coding };
  }

  #file(name: string): Promise<PageFile> {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = this.#load(name);
      this.#files.set(name, file);
      file.catch(() => this.#files.delete(name));
    }
    return file;
  }

  async #load(name: string): Promise<PageFile> {
    const bytes = await this.#read(name);
    const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
    return { type: TYPES[name]!, etag: `W/"${digest}"`, bytes };
  }
}

/** Returns whether a browser takes a coding (RFC 9110, section 12.5.3). */
export function acceptsCoding(accepted: string | undefined, coding: string): boolean {
  return (accepted ?? "").split(",").some((part) => {
    const [name, ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/);
    return name === coding && !parameters.some((one) => /^q=0(\.0*)?$/.test(one));
  });
}

/** Compresses bytes on a thread of Deno's. */
export async function encode(bytes: Uint8Array, coding: Coding): Promise<Uint8Array> {
  if (coding === "gzip") return new Uint8Array(await promisify(gzip)(bytes));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return new Uint8Array(await promisify(brotliCompress)(bytes, { params: quality }));
}
