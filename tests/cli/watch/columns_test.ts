import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { Columns } from "../../../src/cli/watch/columns.ts";
import { textWidth } from "../../../src/terminal/width.ts";

const time = 1_795_602_373_123_456;

Deno.test("Lines of a terminal are aligned, and its width decides how much they tell", () => {
  const columns = new Columns(false);
  const lines = [
    packet({ time, prefix: "ssh ", tcp: { destinationPort: 22 } }),
    packet({ time, prefix: "ping", icmp: {}, source: "198.51.100.23", outDev: "wlan0" }),
    packet({ time, source: "2001:db8::1", destination: "2001:db8::2", udp: {} }),
    packet({ time, prefix: "ssh ", tcp: { destinationPort: 22 } }),
  ].map((made) => columns.line(made.toJSON(), {}, 80).slice(9));
  assertEquals(lines, [
    "eth0> 192.0.2.1:40000 > 192.0.2.2:22    TCP SYN   40 ssh seq=1000 wind…",
    ">wlan0 198.51.100.23   > 192.0.2.2       ICMP echo request   28 ping i…",
    "eth0>  [2001:db8::1]:40000 > [2001:db8::2]:53 UDP           48",
    "eth0>  192.0.2.1:40000     > 192.0.2.2:22     TCP SYN       40 ssh seq…",
  ]);
  const wide = columns.line(packet({ time, prefix: "ssh " }).toJSON(), {}, 120);
  assert(/^\d\d:\d\d:13\.123 {2}eth0> {3}192\.0\.2\.1:40000 /.test(wide), wide);
});

Deno.test("Group, outputs and a failure of the filter have their places", () => {
  const columns = new Columns(false);
  const made = packet({ time }).toJSON();
  const line = columns.line(made, { group: 7, outputs: ["pcap", "db"] }, 200);
  assert(/13\.123 {2}7 {2}pcap,db {2}eth0> {2}/.test(line), line);
  const failed = columns.line(made, { outputs: [], error: "Error: no" }, 80).split("\n");
  assertEquals(failed[1], "         failed: Error: no");
});

Deno.test("A prefix has the colour of its rule's action, and the line names the action", () => {
  const columns = new Columns(true);
  const colours = { drop: 31, reject: 31, accept: 32, log: 33 } as const;
  for (const [action, colour] of Object.entries(colours)) {
    const form = { ...packet({ time, prefix: "ssh " }).toJSON(), action: action as "drop" };
    const line = columns.line(form, {}, 200);
    assert(line.includes(`\x1b[${colour}mssh`), line);
    assert(line.includes(`action=${action}`), line);
  }
  const line = columns.line(packet({ time, prefix: "ssh " }).toJSON(), {}, 200);
  assert(line.includes("\x1b[33mssh") && !line.includes("action="), line);
});

Deno.test("No line is wider than the terminal, whatever is in it", () => {
  const columns = new Columns(false);
  const wild = packet({
    time,
    prefix: "防火墙\x1b[31m\u202e ".repeat(9),
    source: "2001:db8:1111:2222:3333:4444:5555:6666",
    destination: "2001:db8:1111:2222:3333:4444:5555:7777",
    inDev: "enp130s0f1np1",
    outDev: "enp130s0f1np2",
  });
  for (const width of [1, 10, 40, 79, 80, 99, 100, 120, 200, 400]) {
    const text = columns.line(wild.toJSON(), { group: 65535, error: "x".repeat(500) }, width);
    for (const line of text.split("\n")) {
      assert(textWidth(line) <= width, `${width}: ${line}`);
      assert(!/[\p{Cc}\p{Bidi_Control}]/u.test(line));
    }
  }
});

Deno.test("A form from another process cannot act on the terminal", () => {
  const evil = "\x1b[2J\u202e\n\x9b";
  const made = packet({ time }).toJSON();
  const { tcp } = made;
  const form = {
    ...made,
    ...{ time: evil, prefix: evil, in: evil, source: evil, destination: evil },
    tcp: { ...tcp!, flagNames: evil },
    defect: { layer: evil as "tcp", kind: "malformed" as const },
  };
  const line = new Columns(false).line(form, {}, 400);
  assert(!/[\p{Cc}\p{Bidi_Control}]/u.test(line), line);
  assert(line.includes("malformed=\\u001b[2J"), line);
});

Deno.test("Colours change nothing but the looks", () => {
  const made = packet({ time, prefix: "ssh " }).toJSON();
  const line = (colored: boolean) => new Columns(colored).line(made, { outputs: ["pcap"] }, 80);
  assert(line(true).includes("\x1b[33mssh"), line(true));
  // deno-lint-ignore no-control-regex
  assertEquals(line(true).replaceAll(/\x1b\[\d+m/g, ""), line(false));
});
