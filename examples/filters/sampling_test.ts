import { assertEquals } from "@std/assert";
import filter from "./sampling.ts";

Deno.test("The first packet of each hundred is kept, all are lines", () => {
  const verdicts = Array.from({ length: 250 }, () => filter());
  const kept = verdicts.flatMap((verdict, n) => verdict === "logemu" ? [] : [n]);
  assertEquals(kept, [0, 100, 200]);
  assertEquals(verdicts[0], ["pcap", "logemu"]);
});
