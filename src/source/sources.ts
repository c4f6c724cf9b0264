/**
 * The privileged half of every source, by type.
 *
 * @module
 */

import type { Need } from "../permission.ts";
import type { Entries, Schema } from "../schema.ts";
import { nflogEntries, nflogGroups } from "./nflog/options.ts";
import { libcNeed } from "./netlink_reader.ts";
import { NflogReader } from "./nflog/reader.ts";
import { pcapSourceEntries } from "./pcap/options.ts";
import { openCaptures, pcapNeeds } from "./pcap/series.ts";
import type { Reader } from "./source.ts";
import { ulogEntries } from "./ulog/options.ts";
import { UlogReader } from "./ulog/reader.ts";

/** A type of source. */
export interface SourceType {
  /** What a configuration may say about it. */
  entries: Entries;
  /** The option that tells two sources of this type apart. */
  identity: string;
  /** An option that stands for several values of {@linkcode identity}: a source for each. */
  several?: { name: string; schema: Schema<number[]> };
  /** The rights that it takes. */
  needs(options: never): Need[];
  /**
   * Opens it with checked options.
   *
   * @param handed A socket of this source that another process handed on; it is the reader's own,
   * which closes it if it is of no use and opens another.
   */
  open(options: never, warn: (message: string) => void, handed?: number): Promise<Reader>;
}

/** The types there are; a new source is one line here and one in `decoders.ts`. */
export const readers: Readonly<Record<string, SourceType>> = {
  nflog: {
    entries: nflogEntries,
    identity: "group",
    several: { name: "groups", schema: nflogGroups },
    needs: () => [libcNeed("netlink sockets")],
    open: NflogReader.open,
  },
  pcap: {
    entries: pcapSourceEntries,
    identity: "path",
    needs: pcapNeeds,
    open: openCaptures,
  },
  ulog: {
    entries: ulogEntries,
    identity: "group",
    needs: () => [libcNeed("netlink sockets")],
    open: UlogReader.open,
  },
};
