import { assertEquals } from "@std/assert";
import filter from "./sampling.ts";

Deno.test("The first packet of each thousand is kept, all are lines", () => {
  const verdicts = Array.from({ length: 2500 }, () => filter());
  const kept = verdicts.flatMap((verdict, n) => verdict === "logemu" ? [] : [n]);
  assertEquals(kept, [0, 1000, 2000]);
  assertEquals(verdicts[0], ["pcap", "logemu"]);
});
