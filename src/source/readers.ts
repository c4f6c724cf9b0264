/**
 * The privileged half of every source, by type.
 *
 * @module
 */

import type { Need } from "../permission.ts";
import type { Entries } from "../schema.ts";
import { nflogEntries } from "./nflog/options.ts";
import { libcNeed, NflogReader } from "./nflog/reader.ts";
import { pcapSourceEntries } from "./pcap/options.ts";
import { pcapNeeds, PcapReader } from "./pcap/reader.ts";
import type { Reader } from "./source.ts";

/** A type of source. */
export interface SourceType {
  /** What a configuration may say about it. */
  entries: Entries;
  /** The option that tells two sources of this type apart. */
  identity: string;
  /** The rights that it takes. */
  needs(options: never): Need[];
  /** Opens it with checked options. */
  open(options: never, warn: (message: string) => void): Promise<Reader>;
}

/** The types there are; a new source is one line here and one in `decoders.ts`. */
export const readers: Readonly<Record<string, SourceType>> = {
  nflog: {
    entries: nflogEntries,
    identity: "group",
    needs: () => [libcNeed("netlink sockets")],
    open: NflogReader.open,
  },
  pcap: {
    entries: pcapSourceEntries,
    identity: "path",
    needs: pcapNeeds,
    open: PcapReader.open,
  },
};
