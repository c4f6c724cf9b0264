/** Beginning of the journal's entries. */

import { Word } from "../../text/line.ts";
import type { EntryOptions } from "./entry_options.ts";

/** Returns the beginning of entries, by priority, up to the message. */
export function entryHeads({ identifier }: Pick<EntryOptions, "identifier">): readonly Word[] {
  return Array.from(
    { length: 8 },
    (_, level) => new Word(`PRIORITY=${level}\nSYSLOG_IDENTIFIER=${identifier}\nMESSAGE=`),
  );
}
