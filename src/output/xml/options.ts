/** Options of an XML output in a configuration. */

import { fileEntries } from "../file/options.ts";

/** Options of an XML output: those of its files. */
export const xmlEntries = { ...fileEntries };
