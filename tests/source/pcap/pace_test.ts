import { assertEquals } from "@std/assert";
import { Pace } from "../../../src/source/pcap/pace.ts";

Deno.test("Packets wait as long as they did when they were captured", () => {
  const pace = new Pace();
  assertEquals(pace.wait({ seconds: 10, nanoseconds: 900_000_000 }, 5000), 0);
  assertEquals(pace.wait({ seconds: 11, nanoseconds: 150_000_000 }, 5100), 150);
  assertEquals(pace.wait({ seconds: 11, nanoseconds: 150_000_000 }, 5250), 0);
  // Late, or out of order.
  assertEquals(pace.wait({ seconds: 11, nanoseconds: 150_000_000 }, 9000), 0);
  assertEquals(pace.wait({ seconds: 3, nanoseconds: 0 }, 9000), 0);
});

Deno.test("A pause of years is waited in parts that a timer can wait", () => {
  const pace = new Pace();
  pace.wait({ seconds: 0, nanoseconds: 0 }, 0);
  assertEquals(pace.wait({ seconds: 1_600_000_000, nanoseconds: 0 }, 0), 2 ** 31 - 1);
});
