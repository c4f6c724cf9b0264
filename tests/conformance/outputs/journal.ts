/**
 * The journal output for the conformance suites: entries are taken apart as the journal does.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { camelCase } from "../../../src/text/spelling.ts";
import { type OutputFixture, pairsOf, type Shown, shownPairs } from "./fixture.ts";
import { logemu } from "./logemu.ts";

/** Returns the fields of each entry. */
function entriesOf(bytes: Uint8Array): Record<string, string>[] {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  if (text !== "" && !text.endsWith("\n\n")) throw new Error("the last entry has no end");
  return text.split("\n\n").slice(0, -1).map((entry) => {
    const fields = entry.split("\n").map((line) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]{0,63})=(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`no field: ${line}`);
      return [name, value!] as const;
    });
    if (new Set(fields.map(([name]) => name)).size < fields.length) {
      throw new Error(`a field twice: ${entry}`);
    }
    return Object.fromEntries(fields);
  });
}

function shown(fields: Readonly<Record<string, string>>, options: Options): Shown {
  const { identifier, dialect } = options;
  // The variant of the kernel's dialect asks for warnings; no action is known.
  const head = [fields.SYSLOG_IDENTIFIER, fields.PRIORITY];
  if (head.join() !== [identifier, dialect === "kernel" ? 4 : 5].join()) {
    throw new Error(`${head.join()} in the head`);
  }
  if (!/IN=\S* OUT=/.test(fields.MESSAGE!)) throw new Error(`no LOGEMU line: ${fields.MESSAGE}`);
  return shownPairs(Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      camelCase(name.replace("NFSCRIBE_", "").toLowerCase()),
      value,
    ]),
  ));
}

/** The journal output. */
export const journal: OutputFixture = {
  isText: true,
  variants: [
    {},
    { dialect: "kernel", priority: "warning", identifier: "fw" },
    { fields: ["time", "sourcePort", "prefix"] },
  ],
  recordEnd: "\n\n",
  place: (folder) => ({ socket: `${folder.startsWith("/") ? folder : ""}/journal.sock` }),
  read: (bytes, options) => entriesOf(bytes).map((fields) => shown(fields, options)),
  shows(packet: RawPacket, options: Options) {
    if (logemu.shows(packet, options) === undefined) return undefined;
    const must = pairsOf(packet);
    const { fields = Object.keys(must) } = options as { fields?: string[] };
    return Object.fromEntries(
      Object.entries(must).map(([name, value]) => [
        name,
        fields.includes(name) ? value : undefined,
      ]),
    );
  },
  server: "tests/system/journal_conformance_test.ts",
  misfits: logemu.misfits,
  exceptions: (options) => ({
    ...logemu.exceptions(options),
    "loss marks": "an entry stands for a packet",
    "torn end": "there is no file",
    reopen: "there is no file to move",
    "slow reader": "there is no pipe; slow receivers have their own tests",
    "full disk": "there is no file; the spool has its own tests",
    kill: "entries that were sent may be sent again",
  }),
};
