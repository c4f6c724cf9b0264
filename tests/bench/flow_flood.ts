/**
 * Flows made as fast as one core can, for ten seconds, while nfscribe is stopped for one of them, and
 * the memory of a million known flows.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readProcFile } from "../../ffi/proc_file.ts";
import { FlowTable } from "../../src/flow/flow_table.ts";
import { RawFlow } from "../../src/flow/raw_flow.ts";
import { flowFlood } from "../kernel/flow_flood.ts";
import { startProgram } from "../kernel/nfscribe.ts";
import { ROOT, temporaryFolder } from "../system/process.ts";
import { familyOf } from "./cpu.ts";

/** Seconds of flows before, while and after nfscribe is stopped. */
const PARTS: readonly number[] = [5, 1, 4];
const MILLION = 1_000_000;

/** Makes flows for ten seconds; returns lines that say what became of their events. */
export async function measureFlood(): Promise<string[]> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "conntrack"\nevents = ["new", "destroy"]\n` +
      `[output.json]\npath = "/dev/null"\n[log]\nformat = "json"\n`,
  );
  await using flood = await flowFlood();
  await using nfscribe = await startProgram(`${ROOT}scripts/nfscribe`, "run", "-c", file);
  let made = 0;
  let refused = 0;
  for (const [index, seconds] of PARTS.entries()) {
    if (index === 1) nfscribe.kill("SIGSTOP");
    const now = await flood.make(seconds);
    made += now.made;
    refused += now.refused;
    if (index === 1) nfscribe.kill("SIGCONT");
  }
  await flood.end();
  const peaks = familyOf(nfscribe.pid).map((pid) => peakOf(pid).toFixed(0));
  nfscribe.kill("SIGTERM");
  const { counters } = await nfscribe.ended();
  const { received, lost } = counters.sources.conntrack!;
  const seconds = PARTS.reduce((sum, part) => sum + part);
  return [
    `${made} flows in ${seconds} s, ${Math.round(made / seconds)} a second` +
    `${refused === 0 ? "" : ` (the kernel's table refused ${refused})`}, nfscribe stopped for ${
      PARTS[1]
    } s of them`,
    `events ${2 * made} = received ${received} + lost ${lost}: ${
      received + lost === 2 * made ? "exactly" : "NOT EQUAL"
    }`,
    `memory at most ${peaks.join(" and ")} MB (nfscribe and its sandbox, shared memory in both)`,
  ];
}

function peakOf(pid: number): number {
  const status = readProcFile(`/proc/${pid}/status`) ?? "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
}

/** Returns a line with the memory of a flow in a table of a million. */
export function measureTable(): string {
  const [plain, counted] = [false, true].map((counts) => {
    const table = new FlowTable(MILLION, { counts });
    const flow = new RawFlow();
    const before = used();
    for (let id = 0; id < MILLION; id++) {
      flow.id = id;
      table.keep(flow, 1);
    }
    const bytes = (used() - before) / table.size;
    return bytes.toFixed(0);
  });
  return `a million known flows take ${plain} bytes each, ${counted} with counters`;
}

/** Returns the size of all buffers that are used. */
function used(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return Deno.memoryUsage().external;
}
