/** The LOGEMU output: a line of text for each packet, as ulogd and the kernel write them. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { hostnameNeeds, withHostname } from "../host_name.ts";
import { logemuEntries, logemuProblems } from "./options.ts";

/** The LOGEMU output. */
export default defineOutput({
  type: "logemu",
  kinds: ["packet", "flow"],
  entries: logemuEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write lines as ulogd does; - is standard output",
    example: "fw.log",
    like: /\.log$/,
  },
  init: {
    purpose: "a line a record, as ulogd writes them",
    value: "nfscribe.log",
    isOffered: true,
    lines: `# dialect = "ulogd2"           # or ulogd1, or kernel: as its LOG target prints
# rotate_seconds = 86_400      # the next file begins at midnight (UTC)
`,
  },
  replaces: {
    plugin: "LOGEMU",
    importer: async () => (await import("./import.ts")).importLogemu,
  },
  problems: logemuProblems,
  complete: (options) => withHostname(options, "LOGEMU lines"),
  unopened: (options) => ({ hostname: "", ...options }),
  permissions: (options) => [...fileNeeds(options), ...hostnameNeeds(options, "lines")],
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: ({ dialect, logOptions, timeFormat, hostname }) => ({
    dialect,
    logOptions,
    timeFormat,
    hostname,
  }),
  async open(options, { warn }) {
    const { openTextFile } = await import("../file/text.ts");
    return await openTextFile(options, warn);
  },
});
