/** The fields `host`, `capture` and `session` of rows, which are the same for all of a source. */

import { FIELD_HEAD, RowWriter } from "./row.ts";

/** Options of these fields. */
export interface OriginOptions {
  /** Host name in the rows. */
  hostname: string;
  /** Identifier of this run of nfscribe: a UUID (RFC 9562). */
  session: string;
}

/** Encodes the fields once for each source. */
export class RowOrigin {
  readonly #options: OriginOptions;
  #fields = new Uint8Array(0);
  #capture: string | undefined;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** Returns the fields of a source's rows. */
  of(capture: string): Uint8Array {
    if (capture !== this.#capture) this.#begin(capture);
    return this.#fields;
  }

  #begin(capture: string): void {
    const { hostname, session } = this.#options;
    this.#capture = capture;
    const [host, source] = [hostname, capture].map((text) => new TextEncoder().encode(text));
    const out = new Uint8Array(2 + 3 * FIELD_HEAD + 4 * (host!.length + source!.length) + 16);
    const row = new RowWriter();
    row.begin(out, 0, 3);
    row.text(host!, 0, host!.length);
    row.text(source!, 0, source!.length);
    row.bytes(Uint8Array.fromHex(session.replaceAll("-", "")), 0, 16);
    this.#fields = out.slice(2, row.at);
  }
}
