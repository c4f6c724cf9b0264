import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { terminalRows, wholeRow } from "../../../src/cli/test/rows.ts";
import { textWidth } from "../../../src/terminal/width.ts";

const time = 1_795_602_373_123_456;
const made = packet({ time, prefix: "ssh ", tcp: { destinationPort: 22 } });
const [form, text] = [made.toJSON(), String(made)];
const error = `Error: no \x1b[2J ${"word ".repeat(30)}(/etc/nfscribe/filter.ts:3:43)`;

Deno.test("Elsewhere than on a terminal a row has the whole packet in one line", () => {
  assertEquals(
    wholeRow(1, { packet: form, outputs: ["pcap", "db"] }),
    `     1  pcap, db        ${text}`,
  );
  assertEquals(wholeRow(20, { packet: form, outputs: [] }), `    20  dropped         ${text}`);
});

Deno.test("On a terminal a row is one line, whatever its width", () => {
  for (const columns of [40, 80, 120, 400]) {
    const rows = terminalRows(columns, false);
    const line = rows(1, { packet: form, outputs: ["pcap", "logemu"] });
    assert(textWidth(line) <= columns, line);
    assert(/^ {3}1 \d\d:\d\d:13(\.123)? +pcap,logemu /.test(line), line);
    assert(/ dropped +eth0> /.test(rows(2, { packet: form, outputs: [] })));
  }
});

Deno.test("A filter's failure is wrapped to the terminal's width", () => {
  const rows = terminalRows(80, false);
  const [line, ...failure] = rows(7, { packet: form, outputs: ["pcap"], error }).split("\n");
  assert(line!.startsWith("   7 "), line);
  for (const part of failure) assert(textWidth(part) <= 80 && part.startsWith("     "), part);
  const told = failure.map((part) => part.trim()).join(" ");
  assertEquals(told, `failed: ${error.replace("\x1b", "\\u001b")}`);
});

const steps = {
  attached: '{"country":"DE\x9b"}',
  emitted: [
    { output: "logemu", fields: [["EVENT", "port scan"], ["N", "1"]] },
    { output: "log\x1b", fields: [["TEXT", "\x1b[2J\n"]] },
  ],
  emittedMore: 3,
} as const;

Deno.test("What a filter attaches and emits stands below its packet, and nothing in it acts on a terminal", () => {
  const notes = [
    'attached: {"country":"DE\\u009b"}',
    'emitted to logemu: EVENT="port scan" N=1',
    'emitted to log\\u001b: TEXT="\\u001b[2J\\n"',
    "emitted: 3 more lines",
  ];
  const emitted = [...steps.emitted];
  const row = wholeRow(1, { packet: form, outputs: ["pcap"], ...steps, emitted });
  assertEquals(row.split("\n"), [
    `     1  pcap            ${text}`,
    ...notes.map((note) => `        ${note}`),
  ]);
  assertEquals(wholeRow(9, { outputs: [], emitted }).split("\n"), [
    `     -  ${notes[1]}`,
    `        ${notes[2]}`,
  ]);
  const [between] = terminalRows(80, false)(9, { outputs: [], emitted }).split("\n");
  assertEquals(between, `   - ${notes[1]}`);
});
