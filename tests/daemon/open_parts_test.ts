import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { Log } from "../../src/log/log.ts";
import { OpenParts } from "../../src/daemon/open_parts.ts";
import { outputOf } from "./pipeline/fakes.ts";

Deno.test("An output that is replaced counts once, also while the next one is opened", async () => {
  const [before, after] = [outputOf("out"), outputOf("out")];
  const opening = Promise.withResolvers<typeof after.output>();
  const parts = new OpenParts({
    output: () => opening.promise,
    source: () => Promise.reject(new Error("there is none")),
    adjust: (source) => source,
  }, new Log({ file: "-", level: "error", format: "text" }, () => {}));
  const old = { sources: [], outputs: [before.output] };
  parts.current = old;
  await before.output.take(Uint8Array.of(1, 2, 3), { packets: 3, emitted: 0 });
  const filter = { passed: 3, dropped: 0, failed: 0, timedOut: 0 };
  const written = () => parts.counters(filter).outputs.out!.written;
  await parts.close(old, 1000);
  assertEquals(written(), 3);
  const none = new Set<string>();
  const config = { sources: [], outputs: [{ name: "out", type: "pcap", options: {} }] };
  const kept = { keptSources: none, keptOutputs: none, adjustedSources: new Map() };
  const opened = parts.open(config as unknown as Config, old, kept);
  assertEquals(written(), 3);
  opening.resolve(after.output);
  await opened;
  await after.output.take(Uint8Array.of(4), { packets: 1, emitted: 0 });
  assertEquals(written(), 4);
});
