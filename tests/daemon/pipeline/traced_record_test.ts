import { assertEquals } from "@std/assert";
import { tracedRecord } from "../../../src/daemon/pipeline/traced_record.ts";
import { structured } from "../../../src/packet/structured.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { numbered } from "../../conformance/packets.ts";
import { counterOf } from "../../counter/sample.ts";
import { flowOf } from "../../flow/sample.ts";
import { numberedAccount } from "../../source/accounting/sample.ts";
import { numberedFlow } from "../../source/conntrack/sample.ts";

Deno.test("A traced form is that of a packet, a flow or a counter", () => {
  const counter = counterOf(numberedAccount(1)).toJSON();
  assertEquals(tracedRecord(JSON.stringify(counter)), { counter });
  const flow = flowOf(numberedFlow(1)).toJSON();
  assertEquals(tracedRecord(JSON.stringify(flow)), { flow });
  const packet = structured(new Packet(numbered(1)));
  assertEquals(tracedRecord(JSON.stringify(packet)), { packet });
  assertEquals(tracedRecord(""), {});
});

Deno.test("What a sandbox writes else is no record", () => {
  for (const text of ['{"type":"counter",', '{"type":"counter","name":5}', '{"type":"x"}', "[]"]) {
    assertEquals(tracedRecord(text), undefined, text);
  }
});
