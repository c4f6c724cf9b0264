/** The OPRINT output: a line for each key of a packet, as ulogd writes them. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { fileProblems } from "../file/options.ts";
import { keyOptions } from "../ulogd/options.ts";
import { oprintEntries } from "./options.ts";

/** The OPRINT output. */
export default defineOutput({
  type: "oprint",
  kinds: ["packet", "flow", "counter"],
  entries: oprintEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write a line a key as ulogd's OPRINT does; - is standard output",
    example: "fw.oprint",
    like: /\.oprint$/,
  },
  init: {
    purpose: "a line a key of each record, as ulogd's OPRINT writes them",
    value: "nfscribe.oprint",
    isOffered: false,
    lines: "",
  },
  replaces: {
    plugin: "OPRINT",
    importer: async () => (await import("./import.ts")).importOprint,
  },
  problems: fileProblems,
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: (options) => keyOptions(options),
  async open(options, { warn }) {
    const { openFile } = await import("../file/open.ts");
    const { linesFormat } = await import("../file/text_format.ts");
    const { BOUNDARY } = await import("./boundary.ts");
    return await openFile(options, linesFormat({ firstLine: BOUNDARY }), warn);
  },
});
