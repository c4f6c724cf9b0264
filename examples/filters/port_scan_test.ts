import { assertEquals } from "@std/assert";
import type { EventFields, FilterContext } from "nfscribe";
import { packet } from "nfscribe/testing";
import filter, { tick } from "./port_scan.ts";

const START = 1_800_000_000_000_000;

/** A context that keeps what the filter tells. */
function listening(): { context: FilterContext; emitted: EventFields[]; logged: EventFields[] } {
  const emitted: EventFields[] = [];
  const logged: EventFields[] = [];
  const context: FilterContext = {
    outputs: ["pcap", "logemu"],
    worker: 0,
    workers: 1,
    log: (_, fields = {}) => logged.push(fields),
    emit: (_, fields) => emitted.push(fields),
  };
  return { context, emitted, logged };
}

function knock(source: string, port: number, seconds: number, flags = "SYN") {
  return packet({
    source,
    tcp: { destinationPort: port, flags },
    timestamp: START + seconds * 1e6,
  });
}

Deno.test("The twentieth port within ten seconds is a scan, told once; what follows is kept", () => {
  const { context, emitted } = listening();
  const verdicts = Array.from(
    { length: 25 },
    (_, n) => filter(knock("192.0.2.1", 1000 + n, n / 10), context),
  );
  assertEquals(verdicts.slice(0, 19), Array(19).fill("logemu"));
  assertEquals(verdicts.slice(19), Array(6).fill(["pcap", "logemu"]));
  assertEquals(emitted, [{ EVENT: "port_scan", SRC: "192.0.2.1", PORTS: 20 }]);
});

Deno.test("Many knocks at one port, answers, and slow senders are no scan", () => {
  const { context, emitted } = listening();
  for (let n = 0; n < 100; n++) {
    filter(knock("192.0.2.2", 80, 100), context);
    filter(knock("192.0.2.3", 1000 + n, 100, "SYN,ACK"), context);
    filter(packet({ source: "192.0.2.3", udp: { destinationPort: 1000 + n } }), context);
    filter(knock("192.0.2.4", 1000 + n, 100 + n), context);
  }
  assertEquals(emitted, []);
});

Deno.test("tick() sums up once, and forgets senders of long ago", () => {
  const { context, logged } = listening();
  tick(context); // takes in what tests before have left
  logged.length = 0;
  for (let n = 0; n < 20; n++) filter(knock("192.0.2.5", n, 1000), context);
  filter(knock("192.0.2.6", 1, 2000), context);
  tick(context);
  tick(context);
  assertEquals(logged, [{ scans: 1, watched: 1 }]);
});

Deno.test("Of more than 10,000 senders, the oldest is forgotten", () => {
  const { context, logged, emitted } = listening();
  for (let n = 0; n < 19; n++) filter(knock("192.0.2.7", n, 3000), context);
  for (let n = 0; n < 10_000; n++) filter(knock(`10.0.${n >> 8}.${n & 255}`, 80, 3000), context);
  filter(knock("192.0.2.7", 19, 3000), context);
  assertEquals(emitted, []);
  for (let n = 0; n < 20; n++) filter(knock("192.0.2.8", n, 3000), context);
  tick(context);
  assertEquals(logged.at(-1), { scans: 1, watched: 10_000 });
});
