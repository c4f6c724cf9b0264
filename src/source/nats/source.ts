/** The NATS source: records that other hosts have sent to a stream of JetStream. */

import { natsNeeds } from "../../nats/options.ts";
import { defineSource } from "../define.ts";
import { natsSourceEntries, natsSourceProblems } from "./options.ts";

/** The NATS source. */
export default defineSource({
  type: "nats",
  kind: ({ kind }) => kind,
  entries: natsSourceEntries,
  identity: "consumer",
  canWait: true,
  problems: natsSourceProblems,
  sandboxOptions: ({ kind }) => ({ kind }),
  permissions: (options) => [
    ...natsNeeds(options),
    {
      name: "sys",
      value: "hostname",
      why: "the name by which other central nfscribe know this one",
    },
    ...options.quarantine === undefined ? [] : (["read", "write"] as const).map((name) => ({
      name,
      value: options.quarantine!,
      why: "the quarantine of messages",
      isKept: true,
    })),
  ],
  examiner: async () => (await import("./examine.ts")).natsExaminer,
  async open(options, warn) {
    const { NatsReader } = await import("./reader.ts");
    return await NatsReader.open(options, warn);
  },
});
