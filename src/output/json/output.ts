/** The JSON output: an object of JSON for each record, one a line. */

import { defineOutput } from "../define.ts";
import { fileNeeds } from "../file/needs.ts";
import { hostnameNeeds, withHostname } from "../host_name.ts";
import { sessionOfRun } from "../session.ts";
import { completeRemote, remoteNeeds } from "../remote/options.ts";
import {
  type CompleteJsonOptions,
  fileOf,
  jsonEntries,
  jsonProblems,
  jsonReceiver,
} from "./options.ts";
import { ulogd2Options } from "./ulogd2_options.ts";

/** The JSON output. */
export default defineOutput({
  type: "json",
  kinds: ["packet", "flow", "counter"],
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
    purpose: "an object of JSON a record, for other programs",
    value: "nfscribe.json",
    isOffered: false,
    lines: `# format = "ecs"               # Elastic Common Schema; or ocsf
# rotate_size = 100_000_000    # bytes; the next file begins then
`,
  },
  replaces: {
    plugin: "JSON",
    importer: async () => (await import("./import.ts")).importJson,
  },
  problems: jsonProblems,
  complete: (options) => {
    const complete = { ...withHostname(options, "lines of JSON"), session: sessionOfRun() };
    const { url } = options;
    return url === undefined ? complete : completeRemote({ ...complete, url });
  },
  unopened: (options) => ({ hostname: "", session: sessionOfRun(), ...options }),
  permissions(options) {
    const { url } = options;
    const file = fileOf(options);
    return [
      ...file === undefined ? [] : fileNeeds(file),
      ...url === undefined ? [] : remoteNeeds({ ...options, url }, jsonReceiver(options)!),
      ...hostnameNeeds(options, "lines"),
    ];
  },
  async examine(options, examination) {
    const { url } = options;
    if (url === undefined) {
      return (await import("../file/examine.ts")).examineFile(fileOf(options)!, examination);
    }
    const { examineReceiver } = await import("../remote/examine.ts");
    return examineReceiver(jsonReceiver(options)!, { ...options, url }, examination);
  },
  sandboxOptions(options: CompleteJsonOptions) {
    const { format, fields, payload, hostname, session, flavor } = options;
    return {
      format,
      ...fields !== undefined && { fields },
      payload,
      hostname,
      session,
      flavor,
      ...ulogd2Options(options),
    };
  },
  async open(options: CompleteJsonOptions, { warn }) {
    const { url, flavor, hostname } = options;
    if (url === undefined) {
      const { openTextFile } = await import("../file/text.ts");
      return await openTextFile(fileOf(options)!, warn);
    }
    const { openRemote } = await import("../remote/open.ts");
    const { bulkUrl, requestsOf } = await import("./requests.ts");
    const address = flavor === "elasticsearch" ? bulkUrl(url) : url;
    const receiver = jsonReceiver({ url: address })!;
    return openRemote(receiver, { ...options, url: address }, {
      http: requestsOf(flavor, hostname),
    });
  },
});
