import { assert, assertEquals } from "@std/assert";
import { destinationLines, Destinations } from "../../../src/cli/watch/destinations.ts";
import type { StructuredPacket } from "../../../src/packet/structured.ts";
import { counter, flow, packet } from "../../../testing.ts";
import { textWidth } from "../../../src/terminal/width.ts";

function to(destination: string, destinationPort: number, length = 100) {
  return {
    type: "packet",
    protocol: "TCP",
    destination,
    destinationPort,
    length,
  } as StructuredPacket;
}

Deno.test("Records are counted by address, protocol and port, whatever form they have", () => {
  const destinations = new Destinations();
  const one = packet({ destination: "192.0.2.1", tcp: { destinationPort: 443 } });
  destinations.add(one);
  destinations.add(one.toJSON());
  const other = flow({ protocol: 17, destination: "2001:db8::1", destinationPort: 53 });
  destinations.add(other);
  destinations.add(other.toJSON());
  destinations.add(counter({}));
  destinations.add(counter({}).toJSON());
  assertEquals(
    destinations.rows("start", 10).map(({ key, start: { packets } }) => [key, packets]),
    [["192.0.2.1 tcp/443", 2], ["2001:db8::1 udp/53", 2]],
  );
});

Deno.test("The last minute forgets what is older, and the sum does not", () => {
  const destinations = new Destinations();
  for (let n = 0; n < 5; n++) destinations.add(to("192.0.2.1", 22));
  for (let second = 0; second < 61; second++) destinations.tick();
  for (let n = 0; n < 3; n++) destinations.add(to("192.0.2.2", 22, 50));
  assertEquals(destinations.rows("minute", 10), [
    {
      key: "192.0.2.2 tcp/22",
      minute: { packets: 3, bytes: 150 },
      start: { packets: 3, bytes: 150 },
    },
  ]);
  assertEquals(destinations.rows("start", 10).map(({ key }) => key), [
    "192.0.2.1 tcp/22",
    "192.0.2.2 tcp/22",
  ]);
  destinations.clear();
  assertEquals(destinations.rows("start", 10), []);
});

Deno.test("Memory is bounded, and a destination with many packets stays exact", () => {
  const destinations = new Destinations();
  for (let n = 0; n < 50_000; n++) {
    destinations.add(to(`10.${n >> 16}.${n >> 8 & 255}.${n & 255}`, n % 60_000));
    if (n % 100 === 0) destinations.add(to("192.0.2.1", 22));
  }
  const [first] = destinations.rows("start", 1);
  assertEquals([first!.key, first!.start.packets], ["192.0.2.1 tcp/22", 500]);
});

Deno.test("The page fits the terminal, and nothing in it acts on one", () => {
  const destinations = new Destinations();
  destinations.add(to("2001:db8:1234:5678:9abc:def0:1234:5678", 65_535, 1e9));
  destinations.add(to("\x1b[2J\u202e", 1));
  for (let columns = 20; columns <= 200; columns++) {
    const lines = destinationLines(destinations, "minute", { columns, rows: 10 });
    for (const line of lines) assert(textWidth(line) < columns, `${columns}: ${line}`);
    assert(!/[\p{Cc}\p{Bidi_Control}]/u.test(lines.join("")));
  }
  const wide = destinationLines(destinations, "start", { columns: 200, rows: 10 });
  assert(wide[2]!.includes("last minute") && wide[2]!.includes("in all"), wide[2]);
  const few = destinationLines(destinations, "start", { columns: 80, rows: 5 });
  assertEquals(few.length, 4, "rows that there is room for");
});
