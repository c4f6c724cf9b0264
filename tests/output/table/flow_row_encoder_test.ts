import { assert, assertEquals } from "@std/assert";
import { Flow } from "../../../src/flow/flow.ts";
import type { RawFlow } from "../../../src/flow/raw_flow.ts";
import { type StructuredFlow, structuredFlow } from "../../../src/flow/structured.ts";
import { FLOW_COLUMNS } from "../../../src/output/table/flow_columns.ts";
import { FlowRowEncoder } from "../../../src/output/table/flow_row_encoder.ts";
import { FLOWS } from "../../../src/output/table/flows.ts";
import { cutRows, describeRow } from "../../../src/output/table/parse_row.ts";
import { RECORD_TABLES, tableOfRow } from "../../../src/output/table/record_tables.ts";
import { RowValues, type Value } from "../../../src/output/table/row_values.ts";
import { storedFlow } from "../../../src/output/table/stored_flow.ts";
import type { StoredValues } from "../../../src/output/table/stored_values.ts";
import { NO_ROOM } from "../../../src/record/encoder.ts";
import { decodeAll, flowOf } from "../../flow/sample.ts";
import { FlowDatagrams } from "../../fuzz/flows.ts";
import { Random } from "../../fuzz/random.ts";
import { EVENTS } from "../../source/conntrack/events.ts";
import { everyAttribute } from "../../source/conntrack/sample.ts";

const OPTIONS = { hostname: "gate", session: "0198c0de-0000-7000-8000-000000000001" };

function rowOf(encoder: FlowRowEncoder, raw: RawFlow): Uint8Array {
  const out = new Uint8Array(64 * 1024);
  const length = encoder.encode(raw, out, 0);
  assert(length > 0);
  return out.subarray(0, length);
}

/** Returns the structured form of a flow without what a row does not have. */
function formOf(raw: RawFlow): StructuredFlow {
  const { hostname: host, session } = OPTIONS;
  const { capture, extra } = raw;
  const { master, ...form } = structuredFlow(new Flow(raw), { host, session, capture, extra });
  if (master === undefined) return form;
  const { source, sourcePort, destination, destinationPort } = master;
  const ends = { source, sourcePort, destination, destinationPort };
  return { ...form, master: JSON.parse(JSON.stringify(ends)) };
}

/** Returns a form without what damage makes another one of in rows. */
function undamaged(flow: StructuredFlow): Partial<StructuredFlow> {
  // Bytes that are no UTF-8 are escaped in rows, and numbers do not hold the microseconds of times
  // after 2255.
  const { helper: _, securityContext: __, time, start, end, duration, ...rest } = flow;
  const isFar = [time, start, end].some((each) => each !== undefined && !/^20/.test(each));
  return isFar ? rest : { ...rest, time, start, end, duration } as StructuredFlow;
}

Deno.test("A flow's row is its structured form, over damaged events", () => {
  const encoder = new FlowRowEncoder(OPTIONS);
  const values = new RowValues(FLOWS.form);
  const datagrams = new FlowDatagrams(new Random(7));
  let flows = 0;
  const check = (raw: RawFlow, isDamaged: boolean) => {
    flows++;
    raw.capture = flows % 3 === 0 ? "conntrack" : "";
    if (flows % 5 === 0) raw.extra = new TextEncoder().encode('{"country":"DE"}');
    const row = rowOf(encoder, raw);
    assertEquals(cutRows([row]).rows.length, 1);
    assertEquals(tableOfRow(row), FLOWS);
    const form = isDamaged ? undamaged(formOf(raw)) : formOf(raw);
    const stored = storedFlow(describeRow(row));
    assertEquals({ ...(isDamaged ? undamaged(stored) : stored) }, { ...form });
    const out: Value[] = [];
    assertEquals(values.read(row, 0, out, 0), row.length);
    const read = Object.fromEntries(FLOW_COLUMNS.map(([name], index) => [name, out[index]!]));
    const again = storedFlow(read as StoredValues);
    assertEquals({ ...(isDamaged ? undamaged(again) : again) }, { ...form });
  };
  for (const datagram of [...Object.values(EVENTS), everyAttribute()]) {
    for (const flow of decodeAll(datagram)) check(Flow.rawOf(flow), false);
  }
  for (let n = 0; n < 5000; n++) {
    for (const flow of decodeAll(datagrams.next())) check(Flow.rawOf(flow), true);
  }
  assert(flows > 1000);
});

Deno.test("A row has room where its longest form has", () => {
  const encoder = new FlowRowEncoder(OPTIONS);
  const raw = Flow.rawOf(flowOf(everyAttribute()));
  const { length } = rowOf(encoder, raw);
  for (let size = 0; size < 3000; size++) {
    const out = new Uint8Array(size);
    const written = encoder.encode(raw, out, 0);
    assert(written === NO_ROOM || written === length);
    if (size < length) assertEquals(written, NO_ROOM);
  }
  assertEquals(encoder.encode(raw, new Uint8Array(8192), 1), length);
});

Deno.test("Rows of each kind of record have another number of columns, and begin with the time", () => {
  const widths = RECORD_TABLES.map(({ columns }) => columns.length);
  assertEquals(new Set(widths).size, RECORD_TABLES.length);
  for (const { columns } of RECORD_TABLES) {
    assertEquals(columns[0]!.slice(0, 2), ["time", "time"]);
    assertEquals(new Set(columns.map(([name]) => name)).size, columns.length);
  }
});
