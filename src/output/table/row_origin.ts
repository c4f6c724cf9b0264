/** The fields `host`, `capture` and `session` of rows, which are the same for all of a source. */

import { FIELD_HEAD, RowWriter } from "./row.ts";

/** Options of these fields. */
export interface OriginOptions {
  /** Host name in the rows. */
  hostname: string;
  /** Identifier of this run of nfscribe: a UUID (RFC 9562). */
  session: string;
}

/** A record, as far as these fields go; host and session are empty for one of this host. */
interface Named {
  readonly host: string;
  readonly session: string;
  readonly capture: string;
}

/** Encodes the fields once for each source. */
export class RowOrigin {
  readonly #options: OriginOptions;
  #fields = new Uint8Array(0);
  #host = "";
  #session = "";
  #capture: string | undefined;

  constructor(options: OriginOptions) {
    this.#options = options;
  }

  /** Returns the fields of the rows of a source, of this host or of the one that a record names. */
  of({ host, session, capture }: Named): Uint8Array {
    if (capture !== this.#capture || host !== this.#host || session !== this.#session) {
      this.#begin({ host, session, capture });
    }
    return this.#fields;
  }

  #begin({ host: name, session, capture }: Named): void {
    this.#host = name;
    this.#session = session;
    this.#capture = capture;
    const texts = [name || this.#options.hostname, capture];
    const [host, source] = texts.map((text) => new TextEncoder().encode(text));
    const out = new Uint8Array(2 + 3 * FIELD_HEAD + 4 * (host!.length + source!.length) + 16);
    const row = new RowWriter();
    row.begin(out, 0, 3);
    row.text(host!, 0, host!.length);
    row.text(source!, 0, source!.length);
    row.bytes(Uint8Array.fromHex((session || this.#options.session).replaceAll("-", "")), 0, 16);
    this.#fields = out.slice(2, row.at);
  }
}
