import { assertEquals } from "@std/assert";
import { filterContext, packet } from "nfscribe/testing";
import filter, { tick } from "./port_scan.ts";

const START = 1_800_000_000_000_000;

function knock(source: string, port: number, seconds: number, flags = "SYN") {
  return packet({
    source,
    tcp: { destinationPort: port, flags },
    timestamp: START + seconds * 1e6,
  });
}

Deno.test("The twentieth port within ten seconds is a scan, told once; what follows is kept", () => {
  const context = filterContext();
  const verdicts = Array.from(
    { length: 25 },
    (_, n) => filter(knock("192.0.2.1", 1000 + n, n / 10), context),
  );
  assertEquals(verdicts.slice(0, 19), Array(19).fill("logemu"));
  assertEquals(verdicts.slice(19), Array(6).fill(["pcap", "logemu"]));
  assertEquals(context.emitted, [
    { output: "logemu", fields: { EVENT: "port_scan", SRC: "192.0.2.1", PORTS: 20 } },
  ]);
});

Deno.test("Many knocks at one port, answers, and slow senders are no scan", () => {
  const context = filterContext();
  for (let n = 0; n < 100; n++) {
    filter(knock("192.0.2.2", 80, 100), context);
    filter(knock("192.0.2.3", 1000 + n, 100, "SYN,ACK"), context);
    filter(packet({ source: "192.0.2.3", udp: { destinationPort: 1000 + n } }), context);
    filter(knock("192.0.2.4", 1000 + n, 100 + n), context);
  }
  assertEquals(context.emitted, []);
});

Deno.test("tick() sums up once, and forgets senders of long ago", () => {
  const context = filterContext();
  tick(context); // takes in what tests before have left
  context.logged.length = 0;
  for (let n = 0; n < 20; n++) filter(knock("192.0.2.5", n, 1000), context);
  filter(knock("192.0.2.6", 1, 2000), context);
  tick(context);
  tick(context);
  assertEquals(context.logged.map(({ fields }) => fields), [{ scans: 1, watched: 1 }]);
});

Deno.test("Of more than 10,000 senders, the oldest is forgotten", () => {
  const context = filterContext();
  for (let n = 0; n < 19; n++) filter(knock("192.0.2.7", n, 3000), context);
  for (let n = 0; n < 10_000; n++) filter(knock(`10.0.${n >> 8}.${n & 255}`, 80, 3000), context);
  filter(knock("192.0.2.7", 19, 3000), context);
  assertEquals(context.emitted, []);
  for (let n = 0; n < 20; n++) filter(knock("192.0.2.8", n, 3000), context);
  tick(context);
  assertEquals(context.logged.at(-1)?.fields, { scans: 1, watched: 10_000 });
});
