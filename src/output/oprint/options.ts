/** Options of an OPRINT output in a configuration. */

import { fileEntries } from "../file/options.ts";
import { keyEntries } from "../ulogd/options.ts";

/** Options of an OPRINT output. */
export const oprintEntries = { ...fileEntries, ...keyEntries };
