/**
 * Flows and counters that all databases answer the same questions about.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { expression } from "nfscribe";
import { counter } from "nfscribe/testing";
import { Counter } from "../../src/counter/counter.ts";
import { structuredCounter } from "../../src/counter/structured.ts";
import { Flow } from "../../src/flow/flow.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import type { Database, Question } from "../../src/output/define.ts";
import type { Writer } from "../../src/output/output.ts";
import type { NatQuestion } from "../../src/output/table/nat_question.ts";
import { decodeAll } from "../flow/sample.ts";
import { EVENTS } from "../source/conntrack/events.ts";
import { everyAttribute } from "../source/conntrack/sample.ts";
import { until } from "../system/process.ts";
import { counterRows, flowRows, ORIGIN, storedForm, translated } from "./flow_rows.ts";
import { rows } from "./rows.ts";

const ALL: Question = { kind: "flow", limit: 1_000_000, timeoutMs: 60_000 };
/** Names of the tables. */
export const TABLES = { table: "packets", flowsTable: "flows", countersTable: "counters" };

/** Flows with every attribute, of all protocols, and translated ones. */
export function samples(): RawFlow[] {
  const datagrams = [...Object.values(EVENTS), everyAttribute()];
  const flows = datagrams.flatMap((datagram) => decodeAll(datagram)).map(Flow.rawOf);
  for (const flow of flows) flow.capture = "conntrack";
  flows.at(-1)!.extra = new TextEncoder().encode('{"n":12,"who":"Jörg \'\\" "}');
  return flows;
}

/** Returns the flows, or other records, that a question chooses. */
export async function ask(database: Database, question: Partial<Question> = {}): Promise<object[]> {
  const found: object[] = [];
  await database.query({ ...ALL, ...question }, (record) => {
    found.push(record);
    return Promise.resolve(true);
  });
  return found;
}

/** Asks who had 198.51.100.7 and a port at a time in seconds since the Unix epoch. */
export async function holders(database: Database, port: number, second: number, more = {}) {
  const question: NatQuestion = {
    address: Uint8Array.of(198, 51, 100, 7),
    port,
    fromMs: second * 1000,
    toMs: second * 1000 + 999,
    where: undefined,
    limit: 100,
    timeoutMs: 60_000,
    ...more,
  };
  const { found } = await database.translations(question);
  return found.map(({ flow: { original }, end }) =>
    `${original.source}:${original.sourcePort} ${end === undefined ? "open" : "ended"}`
  );
}

/** Returns records as text, in the order of that. */
const texts = (forms: readonly object[]) =>
  forms.map((form) => JSON.stringify(Object.entries(form).sort(([a], [b]) => a < b ? -1 : 1)))
    .sort();

/** Expressions that choose some of all flows. */
const EXPRESSIONS = [
  ...["udp", "ip6", "icmp or icmp6", "tcp port 8080", "src net 10.0.0.0/8", "mark 0x1234"],
  ...[
    "nat",
    "snat and not dst port 53",
    "dnat",
    "reply dst host 198.51.100.7",
    "original dst port 53",
  ],
  ...["event new", "state time_wait", "status assured", "status unreplied", "zone 5", "label 127"],
  ...["packets > 5", "reply bytes > 1000000", "duration > 5", 'helper "ft*"', "not (udp or tcp)"],
];

/** Beginning of translated flows, in seconds since the Unix epoch. */
export const NAT_START = 1_795_852_000;
/** Two flows that had port 40001 one after the other, and one that has it still. */
export const HELD = [
  translated({
    host: 1,
    port: 5001,
    outerPort: 40_001,
    start: NAT_START,
    end: NAT_START + 10,
    id: 1,
  }),
  translated({ host: 2, port: 5002, outerPort: 40_001, start: NAT_START + 20, id: 2 }),
  translated({
    ...{ host: 2, port: 5002, outerPort: 40_001, id: 2 },
    ...{ start: NAT_START + 20, end: NAT_START + 30 },
  }),
  translated({ host: 3, port: 5003, outerPort: 40_001, start: NAT_START + 40, id: 3 }),
  translated({
    host: 4,
    port: 5004,
    outerPort: 40_002,
    start: NAT_START - 1,
    end: NAT_START + 90,
    id: 4,
  }),
];

/**
 * Checks what is found in a database that has the samples and {@linkcode HELD}.
 *
 * @param lastTime The last time that it has, in place of later ones; undefined if it has all.
 */
export async function checkAnswers(
  name: string,
  database: Database,
  lastTime?: string,
): Promise<void> {
  const formOf = (raw: RawFlow) => {
    const form: { start?: string } = storedForm(raw);
    const isLater = lastTime !== undefined && form.start !== undefined && form.start > lastTime;
    return isLater ? { ...form, start: lastTime } : form;
  };
  const forms = [...samples(), ...HELD].map(formOf);
  assertEquals(texts(await ask(database)), texts(forms), name);
  for (const where of EXPRESSIONS) {
    const chosen = [...samples(), ...HELD].filter((raw) => expression(where)(new Flow(raw)));
    assert(chosen.length > 0 && chosen.length < forms.length, where);
    assertEquals(texts(await ask(database, { where })), texts(chosen.map(formOf)), where);
  }
  const counters = await ask(database, { kind: "counter" });
  const { hostname: host, session } = ORIGIN;
  const counted = COUNTED.map((one) => ({ ...structuredCounter(one), host, session }));
  assertEquals(texts(counters), texts(counted), name);
  const [newest] = await ask(database, { limit: 1 });
  assertEquals(Object.entries(newest!).slice(0, 2), [["type", "flow"], ["version", 1]]);
  for (
    const [second, expected] of [
      [NAT_START - 1, []],
      [NAT_START + 5, ["10.0.0.1:5001 ended"]],
      [NAT_START + 15, []],
      [NAT_START + 25, ["10.0.0.2:5002 ended"]],
      [NAT_START + 45, ["10.0.0.3:5003 open"]],
    ] as [number, string[]][]
  ) assertEquals(await holders(database, 40_001, second), expected, `${name}: ${second}`);
  assertEquals(await holders(database, 40_009, NAT_START + 5), [], name);
  // By the address alone: the newest first.
  assertEquals(
    await holders(database, 40_001, NAT_START + 5, { port: undefined }),
    ["10.0.0.1:5001 ended", "10.0.0.4:5004 ended"],
    name,
  );
  assertEquals(await holders(database, 40_001, NAT_START + 5, { where: "tcp" }), [], name);
  assertEquals(
    await holders(database, 40_001, NAT_START + 5, { where: "udp port 53" }),
    ["10.0.0.1:5001 ended"],
    name,
  );
  // EVENTS has a flow to 192.0.2.99:9 that goes to 127.0.0.1:7777.
  const question = { address: Uint8Array.of(192, 0, 2, 99), port: 9, fromMs: 0 };
  const forwarded = { ...question, toMs: Date.parse("2027-01-01"), limit: 9, timeoutMs: 60_000 };
  const { found } = await database.translations({ ...forwarded, where: undefined });
  assertEquals(found.map(({ flow }) => flow.nat), [{
    destination: "127.0.0.1",
    destinationPort: 7777,
  }]);
}

/** Counters of nft and nfacct. */
export const COUNTED = [
  counter({ name: "web", packets: 5, bytes: 155, interval: 10 }),
  counter({ name: "Jörg", object: "nfacct", totalPackets: 2 ** 53 - 1, totalBytes: 7 }),
];

/** Writes packets, flows and counters in turns, as slots of three sources come. */
export async function write(writer: Writer): Promise<void> {
  const all = samples();
  await writer.write(rows(100), 100);
  await writer.write(flowRows(all), all.length);
  await writer.write(rows(100, 100), 100);
  await writer.write(flowRows(HELD), HELD.length);
  await writer.write(counterRows(COUNTED.map(Counter.rawOf)), COUNTED.length);
  const count = 200 + all.length + HELD.length + COUNTED.length;
  await until("all arrived", () => writer.delivery!.written === count, 60_000);
  assertEquals([writer.delivery!.failed, writer.delivery!.spooled], [0, 0]);
}
