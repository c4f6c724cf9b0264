/** The XML output: documents with an element for each record, as ulogd writes them. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { fileProblems } from "../file/options.ts";
import { xmlEntries } from "./options.ts";

/** The XML output. */
export default defineOutput({
  type: "xml",
  kinds: ["packet", "flow", "counter"],
  entries: xmlEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write an XML document as ulogd's XML does; - is standard output",
    example: "fw.xml",
    like: /\.xml$/,
  },
  init: {
    purpose: "an XML document, as ulogd's XML writes it",
    value: "nfscribe.xml",
    isOffered: false,
    lines: `# rotate_seconds = 86_400      # the next document begins at midnight (UTC)
`,
  },
  replaces: {
    plugin: "XML",
    importer: async () => (await import("./import.ts")).importXml,
  },
  problems: fileProblems,
  fillIn(options, kinds) {
    const other = kinds.has("flow") ? "flows" : "counters";
    options.records ??= kinds.has("packet") ? "packets" : other;
  },
  complete: (options) => options,
  unopened: (options) => options,
  permissions: fileNeeds,
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: ({ records }) => records === undefined ? {} : { records },
  async open(options, { warn }) {
    const { openFile } = await import("../file/open.ts");
    const { documentFormat } = await import("../file/text_format.ts");
    const { headerOf, trailerOf } = await import("./document.ts");
    const { records = "packets" } = options;
    const format = documentFormat(
      headerOf(records),
      trailerOf(records),
      `XML file of ${records}`,
    );
    return await openFile(options, format, warn);
  },
});
