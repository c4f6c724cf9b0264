/** The NACCT output: a line with tabs for each flow, as ulogd writes them. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { fileProblems } from "../file/options.ts";
import { nacctEntries } from "./options.ts";

/** The NACCT output. */
export default defineOutput({
  type: "nacct",
  kinds: ["flow"],
  entries: nacctEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write lines of flows as ulogd's NACCT does; - is standard output",
    example: "flows.nacct",
    like: /\.nacct$/,
  },
  init: {
    purpose: "a line with tabs a flow, as ulogd's NACCT writes them",
    value: "nfscribe.nacct",
    isOffered: false,
    lines: "",
  },
  replaces: {
    plugin: "NACCT",
    importer: async () => (await import("./import.ts")).importNacct,
  },
  problems: fileProblems,
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: () => ({}),
  async open(options, { warn }) {
    const { openFile } = await import("../file/open.ts");
    const { linesFormat } = await import("../file/text_format.ts");
    return await openFile(options, linesFormat(), warn);
  },
});
