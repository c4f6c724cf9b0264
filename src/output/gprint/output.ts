/** The GPRINT output: a line of `key=value` pairs for each record, as ulogd writes them. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { fileProblems } from "../file/options.ts";
import { keyOptions } from "../ulogd/options.ts";
import { gprintEntries } from "./options.ts";

/** The GPRINT output. */
export default defineOutput({
  type: "gprint",
  kinds: ["packet", "flow", "counter"],
  entries: gprintEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write key=value lines as ulogd's GPRINT does; - is standard output",
    example: "fw.gprint",
    like: /\.gprint$/,
  },
  init: {
    purpose: "a line of key=value pairs a record, as ulogd's GPRINT writes them",
    value: "nfscribe.gprint",
    isOffered: false,
    lines: `# timestamp = true             # the line begins with the local time
`,
  },
  replaces: {
    plugin: "GPRINT",
    importer: async () => (await import("./import.ts")).importGprint,
  },
  problems: fileProblems,
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: (options) => ({ timestamp: options.timestamp, ...keyOptions(options) }),
  async open(options, { warn }) {
    const { openFile } = await import("../file/open.ts");
    const { linesFormat } = await import("../file/text_format.ts");
    return await openFile(options, linesFormat(), warn);
  },
});
