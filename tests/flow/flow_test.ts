import { assertEquals, assertThrows } from "@std/assert";
import { StaleFlowError } from "nfscribe";
import committed from "../../schema/flow.schema.json" with { type: "json" };
import { flowJsonSchema } from "../../scripts/json_schema.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { describeFlow } from "../../src/flow/describe.ts";
import { Flow } from "../../src/flow/flow.ts";
import { RawFlow } from "../../src/flow/raw_flow.ts";
import { parseFlow } from "../../src/flow/structured_schema.ts";
import { ConntrackDecoder } from "../../src/source/conntrack/decoder.ts";
import { EVENTS } from "../source/conntrack/events.ts";
import { concat } from "../packet/sample.ts";
import { everyAttribute } from "../source/conntrack/sample.ts";
import { flowOf } from "./sample.ts";

Deno.test("A TCP flow's end has tuples, counters, state and times as the kernel sent them", () => {
  assertEquals({ ...flowOf(EVENTS.tcpDestroy).toJSON() }, {
    type: "flow",
    version: 1,
    time: "2026-11-28T21:34:49.238533Z",
    event: "destroy",
    protocol: "TCP",
    state: "TIME_WAIT",
    original: {
      source: "127.0.0.1",
      sourcePort: 36186,
      destination: "127.0.0.1",
      destinationPort: 8080,
      packets: 6,
      bytes: 322,
    },
    reply: {
      source: "127.0.0.1",
      sourcePort: 8080,
      destination: "127.0.0.1",
      destinationPort: 36186,
      packets: 4,
      bytes: 219,
    },
    start: "2026-11-28T21:34:44.341618Z",
    end: "2026-11-28T21:34:49.238533Z",
    duration: 4.896915,
    timeout: 115,
    status: ["seenReply", "assured", "confirmed", "snatDone", "dnatDone", "dying"],
    id: 0x5bf8081e,
    mark: 0x1234,
  });
});

Deno.test("Lines tell event, addresses, protocol, counters and translation", () => {
  const lines = (["tcpNew", "icmpv6New", "dnatNew", "snatDestroy"] as const).map((name) =>
    `${flowOf(EVENTS[name])}`
  );
  assertEquals(lines, [
    "2026-11-28T21:34:44.341533Z new 127.0.0.1:36186 > 127.0.0.1:8080 TCP SYN_SENT mark=0x1234",
    "2026-11-28T21:34:46.755079Z new ::1 > ::1 ICMPv6 type=128 code=0 id=12319 mark=0x1234",
    "2026-11-28T21:34:47.958136Z new 192.0.2.1:43861 > 192.0.2.99:9 UDP dnat=127.0.0.1:7777 mark=0x1234",
    "2026-11-28T21:34:49.238481Z destroy 127.0.0.1:5555 > 127.0.0.1:7778 UDP packets=1/0 bytes=29/0 " +
    "duration=0.00178 snat=192.0.2.1:40003 mark=0x1234",
  ]);
});

Deno.test("Translation has the fields that were translated, and is absent where none was", () => {
  assertEquals(flowOf(EVENTS.udpDestroy).nat, undefined);
  assertEquals(flowOf(EVENTS.snatDestroy).nat, { source: "192.0.2.1", sourcePort: 40003 });
  assertEquals(flowOf(EVENTS.dnatDestroy).nat, { destination: "127.0.0.1", destinationPort: 7777 });
});

Deno.test("Everything that a flow can have is in its structured form and its line", () => {
  const flow = flowOf(everyAttribute());
  const { securityContext, labels, helper, zone, master, reply, state } = flow.toJSON();
  assertEquals(
    { securityContext, labels, helper, zone, master, replyZone: reply?.zone, state },
    {
      securityContext: "system_u:object_r",
      labels: [1, 127],
      helper: "ftp",
      zone: 5,
      master: {
        source: "2001:db8::1",
        sourcePort: 1025,
        destination: "2001:db8::2",
        destinationPort: 21,
      },
      replyZone: 7,
      state: "ESTABLISHED",
    },
  );
  assertEquals(
    `${flow}`.slice(28),
    "destroy [2001:db8::1]:40000 > [2001:db8::2]:5000 SCTP ESTABLISHED packets=3/9007199254740991 " +
      "bytes=4294967296/0 mark=0xdeadbeef zone=5 labels=1,127 helper=ftp " +
      "master=[2001:db8::1]:1025>[2001:db8::2]:21",
  );
});

Deno.test("The JSON Schema of flows in the repository is the one that `deno task schema` writes", () => {
  assertEquals<unknown>(committed, flowJsonSchema());
});

Deno.test("Flows fit the form's description, and lines of parsed forms are those of flows", () => {
  for (const datagram of [...Object.values(EVENTS), everyAttribute()]) {
    const flow = flowOf(datagram);
    const form = parseFlow(JSON.stringify(flow));
    assertEquals({ ...form }, { ...flow.toJSON() });
    assertEquals(describeFlow(form!), `${flow}`);
  }
  for (const wrong of [{ event: "gone" }, { version: 2 }, { original: {} }, { id: -1 }]) {
    const text = JSON.stringify({ ...flowOf(EVENTS.udpNew).toJSON(), ...wrong });
    assertEquals(parseFlow(text), undefined);
  }
});

Deno.test("Text of a helper or a security context does not act on a terminal", () => {
  const flow = flowOf(everyAttribute({ helper: "x\x1b[2J\n" }));
  assertEquals(flow.helper, "x\x1b[2J\n");
  assertEquals(`${flow}`.includes("\x1b"), false);
  assertEquals(`${flow}`.includes("\n"), false);
});

Deno.test("A flow whose memory holds another record throws, and a copy stays", () => {
  const decoder = new ConntrackDecoder();
  const datagram = concat(EVENTS.udpNew, EVENTS.tcpDestroy);
  const memory = new Memory(datagram.buffer);
  decoder.begin(memory, 0, datagram.length, 0, 0);
  const raw = new RawFlow();
  decoder.next(raw);
  const flow = new Flow(raw);
  const { original } = flow;
  const copy = flow.copy();
  const line = `${flow}`;
  decoder.next(raw);
  memory.bytes.fill(0);
  assertThrows(() => flow.event, StaleFlowError);
  assertThrows(() => original.source, StaleFlowError, "keep flows with flow.copy()");
  assertEquals(`${copy}`, line);
});
