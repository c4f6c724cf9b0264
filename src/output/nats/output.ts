/** The NATS output: messages with many records each, to a stream of JetStream. */

import { defineOutput } from "../define.ts";
import { natsOutputEntries, natsOutputProblems } from "./options.ts";
import { completeNatsOptions, messageOptions, natsOutputNeeds, SENDER } from "./prepare.ts";

/** The NATS output. */
export default defineOutput({
  type: "nats",
  kinds: ["packet", "flow", "counter"],
  entries: natsOutputEntries,
  buffering: "spool",
  shorthand: {
    value: "URL",
    key: "url",
    help: "send records to a stream of NATS, as in nats://nats.example:4222",
    example: "nats://nats.example:4222",
    like: /^nats:\/\//,
  },
  init: {
    purpose: "messages to NATS JetStream, for a central nfscribe",
    value: "nats://localhost:4222",
    isOffered: false,
    question: "The NATS server",
    lines: `create = true                  # makes the stream where it is missing
# credentials_file = "nfscribe.creds"    # or nkey_file, or user and secret_file
spool = "spool-nats"           # records wait there for the server
`,
  },
  fleet: async () => (await import("./fleet.ts")).fleetFiles,
  threads: [SENDER],
  problems: natsOutputProblems,
  complete: completeNatsOptions,
  unopened: (options) => ({ hostname: "", session: crypto.randomUUID(), ...options }),
  permissions: natsOutputNeeds,
  examine: async (options, examination) =>
    (await import("./examine.ts")).examineNats(options, examination),
  sandboxOptions: (options) => messageOptions(options),
  async open(options, log) {
    const { openNats } = await import("./writer.ts");
    return await openNats(options, log);
  },
});
