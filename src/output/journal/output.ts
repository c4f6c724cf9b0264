/** The journal output: an entry a record in systemd's journal, with fields to find it by. */

import { defineOutput } from "../define.ts";
import { SEVERITIES } from "../lines/severity.ts";
import { sessionOfRun } from "../session.ts";
import { journalEntries, journalProblems } from "./options.ts";

/** The journal output. */
export default defineOutput({
  type: "journal",
  kinds: ["packet", "flow", "counter"],
  entries: journalEntries,
  buffering: "queue",
  shorthand: { help: "write entries with fields to systemd's journal" },
  init: {
    purpose: "an entry a record in systemd's journal",
    value: "",
    isOffered: false,
    lines: `# priority = "notice"          # else by [actions]: warning where packets are dropped
# spool = "spool"              # entries wait there for the journal
`,
  },
  problems: journalProblems,
  complete: (options) => ({ ...options, session: sessionOfRun() }),
  unopened: (options) => ({ ...options, session: sessionOfRun() }),
  // Entries are sent through the C library.
  permissions: ({ socket }) => [
    { name: "read", value: socket, why: "nfscribe doctor looks at the journal's socket" },
  ],
  examine: async ({ socket }, { check }) =>
    (await import("../remote/examine.ts")).examineSocket(check, socket),
  sandboxOptions({ dialect, logOptions, identifier, priority, fields, session }) {
    return {
      ...{ dialect, logOptions, identifier, session },
      ...priority !== "action" && { priority: SEVERITIES.indexOf(priority) },
      ...fields !== undefined && { fields },
    };
  },
  async open({ socket, timeoutMs }) {
    const { DatagramWriter } = await import("../remote/datagram_writer.ts");
    const { datagramPerRecord } = await import("../remote/framing.ts");
    const { endOfEntry } = await import("../remote/split.ts");
    const datagrams = datagramPerRecord(endOfEntry);
    return new DatagramWriter({ kind: "unix", path: socket }, timeoutMs, datagrams);
  },
});
