/**
 * The JSON output: an object of JSON for each packet, one a line.
 *
 * @module
 */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { hostnameNeeds, withHostname } from "../host_name.ts";
import { sessionOfRun } from "../session.ts";
import { jsonEntries, jsonProblems } from "./options.ts";

/** The JSON output. */
export default defineOutput({
  type: "json",
  kinds: ["packet"],
  entries: jsonEntries,
  buffering: "queue",
  shorthand: {
    value: "FILE",
    key: "path",
    help: "write an object of JSON a line; - is standard output",
    example: "fw.json",
    like: /\.(json|jsonl|ndjson)$/,
  },
  init: {
    purpose: "an object of JSON a packet, for other programs",
    value: "nfscribe.json",
    isOffered: false,
    lines: `# format = "ecs"               # Elastic Common Schema; or ocsf
# rotate_size = 100_000_000    # bytes; the next file begins then
`,
  },
  problems: jsonProblems,
  complete: (options) => ({ ...withHostname(options, "lines of JSON"), session: sessionOfRun() }),
  unopened: (options) => ({ hostname: "", session: sessionOfRun(), ...options }),
  permissions: (options) => [...fileNeeds(options), ...hostnameNeeds(options, "lines")],
  examine: async (options, examination) =>
    (await import("../file/examine.ts")).examineFile(options, examination),
  sandboxOptions: ({ format, fields, payload, hostname, session }) => ({
    format,
    ...fields !== undefined && { fields },
    payload,
    hostname,
    session,
  }),
  async open(options, { warn }) {
    const { openTextFile } = await import("../file/text.ts");
    return await openTextFile(options, warn);
  },
});
