import { assert, assertEquals, assertGreater } from "@std/assert";
import { pcapFile } from "nfscribe";
import { checkConfig } from "../../src/config/config.ts";
import { Topology } from "../../src/daemon/pipeline/topology.ts";
import { Log } from "../../src/log/log.ts";
import { complete, openOutput, openSource } from "../../src/daemon/open.ts";
import { Pipeline } from "../../src/daemon/pipeline/pipeline.ts";
import { poolPlan } from "../../src/daemon/pool_plan.ts";
import { SandboxPool } from "../../src/daemon/pool/pool.ts";
import { udpPacket } from "./packets.ts";
import { temporaryFolder } from "./process.ts";

const PACKETS = 60_000;
/** Duration of the attack, in milliseconds. */
const WORK_MS = 8000;

Deno.test("a sandbox that was broken into does its parent no harm: counters add up, files end whole, the log is clean", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  {
    await using file = await pcapFile(`${path}/in.pcap`, { sync: false });
    for (let n = 0; n < PACKETS; n++) await file.write(udpPacket(n % 900));
  }
  const config = checkConfig({
    source: [{ type: "pcap", path: `${path}/in.pcap` }],
    output: {
      pcap: { path: `${path}/out.pcap` },
      ng: { type: "pcap", format: "pcapng", path: `${path}/out.pcapng` },
      text: { type: "logemu", path: `${path}/out.log`, hostname: "gate" },
    },
  }, "test");
  config.outputs = config.outputs.map(complete);
  let said = "";
  const log = new Log({ ...config.log, format: "json" }, (line) => said += line);
  const pipeline = new Pipeline();
  const plan = poolPlan(config, { pipeline, log, traces: false });
  plan.timeoutMs = 300;
  plan.ownTimeoutMs = 300;
  plan.entry = new URL("./hostile_child.ts", import.meta.url).href;
  const pool = await SandboxPool.load(plan);
  const topology = new Topology(
    [await openSource(config.sources[0]!, log, undefined)],
    await Promise.all(config.outputs.map((part) => openOutput(part, log))),
  );
  const stop = new AbortController();
  const timers = [
    setTimeout(() => stop.abort(), WORK_MS),
    setTimeout(() => pipeline.stopNow(), WORK_MS + 2000),
  ];
  try {
    // A pool that can no longer create a sandbox ends the run with an error, which is allowed.
    await pipeline.run({ pool, topology }, stop.signal).catch((error) => {
      assert(error.message.startsWith("Cannot go on"), error.stack);
    });
  } finally {
    timers.forEach(clearTimeout);
    for (const output of topology.outputs) await output.close();
    for (const { reader } of topology.sources) await reader.close();
    await pool.close();
  }
  const counters = topology.counters(pipeline.filter);
  const rows = Object.values(counters.outputs).map((row) =>
    row.written + row.spooled + row.failed + row.dropped + row.filtered
  );
  const { passed, dropped, failed, timedOut } = counters.filter;
  assertEquals(new Set(rows), new Set([passed + dropped + failed + timedOut]));
  assertGreater(said.split("\n").filter((line) => line.includes("is replaced")).length, 3, said);
  assertGreater(300_000, said.length);
  for (const line of said.trimEnd().split("\n")) {
    const record = JSON.parse(line);
    assert(
      !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(
        JSON.stringify(record).replaceAll(/\\u[0-9a-f]{4}|\\n/g, ""),
      ),
    );
    assert(Object.keys(record).slice(0, 3).join() === "time,level,message", line);
  }
});
