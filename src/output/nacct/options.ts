/** Options of a NACCT output in a configuration. */

import { fileEntries } from "../file/options.ts";

/** Options of a NACCT output: those of its files. */
export const nacctEntries = { ...fileEntries };
