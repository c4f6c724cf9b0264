import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import filter from "./rate_limit.ts";

const START = 1_800_000_000_000_000;

/**
 * Counts how many of a sender's packets pass that all come at one time, in seconds from
 * the start.
 */
function passed(source: string, seconds: number, count: number): number {
  const timestamp = START + seconds * 1e6;
  const verdicts = Array.from({ length: count }, () => filter(packet({ source, timestamp })));
  return verdicts.filter((verdict) => verdict).length;
}

Deno.test("A sender has its burst, then its rate, and after a pause the burst again", () => {
  assertEquals(passed("192.0.2.10", 0, 200), 50);
  assertEquals(passed("192.0.2.10", 1, 200), 10);
  assertEquals(passed("192.0.2.10", 1.25, 200), 2);
  assertEquals(passed("192.0.2.10", 1000, 200), 50);
});

Deno.test("Senders do not take each other's tokens", () => {
  assertEquals(passed("192.0.2.11", 0, 200), 50);
  assertEquals(passed("192.0.2.12", 0, 200), 50);
});

Deno.test("A clock that is set back gives nothing, and takes nothing away for long", () => {
  assertEquals(passed("192.0.2.13", 100, 200), 50);
  assertEquals(passed("192.0.2.13", 0, 200), 0);
  assertEquals(passed("192.0.2.13", 1, 200), 10);
});

Deno.test("Of more than 10,000 senders, the one not heard for longest is forgotten", () => {
  assertEquals(passed("192.0.2.20", 0, 60), 50);
  assertEquals(passed("192.0.2.21", 0, 60), 50);
  for (let n = 0; n < 9_998; n++) passed(`10.0.${n >> 8}.${n & 255}`, 0, 1);
  assertEquals(passed("192.0.2.20", 0, 1), 0); // known, and now heard last
  passed("10.1.0.0", 0, 1);
  assertEquals(passed("192.0.2.20", 0, 1), 0);
  assertEquals(passed("192.0.2.21", 0, 60), 50); // forgotten
});
