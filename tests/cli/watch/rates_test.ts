import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { bytesText, rateLines, Rates, rateText } from "../../../src/cli/watch/rates.ts";
import { textWidth } from "../../../src/terminal/width.ts";

/** Counts twenty packets to one port, others to others, with a prefix that steers a terminal. */
function rates(): Rates {
  const rates = new Rates();
  const ssh = packet({ prefix: "ssh ", tcp: { destinationPort: 22 } });
  for (let n = 0; n < 20; n++) rates.add(ssh, 1);
  for (let n = 0; n < 12; n++) {
    rates.add(
      packet({
        source: `2001:db8:1111:2222:3333:4444:5555:${n + 10}`,
        udp: { destinationPort: n + 1 },
      }),
      2,
    );
  }
  rates.add(packet({ prefix: "\x1b[2J\u202e", icmp: {} }), 2);
  return rates;
}

Deno.test("Rates stand in four tables, two beside each other", () => {
  const lines = rateLines(rates().report(1), 80, 12);
  assertEquals(lines, [
    "group                packets/s  bytes/s  prefix               packets/s  bytes/s",
    "1                           20    800 B  ssh                         20    800 B",
    "2                           13    604 B  (none)                      12    576 B",
    "                                         \\u001b[2J\\u202e            1.0     28 B",
    "",
    "to port              packets/s  bytes/s  from address         packets/s  bytes/s",
    "tcp/22                      20    800 B  192.0.2.1                   21    828 B",
    "udp/1                      1.0     48 B  2001:db8:1…4:5555:10       1.0     48 B",
    "udp/10                     1.0     48 B  2001:db8:1…4:5555:11       1.0     48 B",
    "udp/11                     1.0     48 B  2001:db8:1…4:5555:12       1.0     48 B",
    "udp/12                     1.0     48 B  2001:db8:1…4:5555:13       1.0     48 B",
    "udp/2                      1.0     48 B  2001:db8:1…4:5555:14       1.0     48 B",
  ]);
});

Deno.test("Tables fit into a terminal of any size", () => {
  const report = rates().report(1);
  for (const columns of [40, 60, 74, 80, 120, 200]) {
    for (const rows of [4, 8, 16, 24, 50]) {
      const lines = rateLines(report, columns, rows);
      assert(lines.every((line) => textWidth(line) <= columns), `${columns}\n${lines.join("\n")}`);
      if (rows >= 8) assert(lines.length <= rows, `${columns} by ${rows}: ${lines.length}`);
    }
  }
});

Deno.test("Rates and bytes have as many digits as tell something", () => {
  assertEquals([0, 0.25, 9.94, 9.95, 123.4, 350_123].map(rateText), [
    "0.0",
    "0.3",
    "9.9",
    "10",
    "123",
    "350,123",
  ]);
  assertEquals([0, 999, 1000, 12_345, 999_499, 999_500, 1e9, 1e15].map(bytesText), [
    "0 B",
    "999 B",
    "1.00 kB",
    "12.3 kB",
    "999 kB",
    "1.00 MB",
    "1.00 GB",
    "1000 TB",
  ]);
});
