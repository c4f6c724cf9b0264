import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { readProcFile } from "../../ffi/proc_file.ts";
import { familyOf } from "../bench/cpu.ts";
import { hasProgram, temporaryFolder } from "../system/process.ts";
import { flowFlood } from "./flow_flood.ts";
import { HAS_CONNTRACK, track } from "./flows.ts";
import { startNfscribe } from "./nfscribe.ts";

const CAN = HAS_CONNTRACK && hasProgram("gcc");

Deno.test({
  name:
    `of flows made as fast as one core can, received and lost are all, also while nfscribe is stopped${
      CAN ? "" : " (needs nft, conntrack and gcc)"
    }`,
  ignore: !CAN,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using _tracked = await track();
    await using flood = await flowFlood();
    const file = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(
      file,
      `[[source]]\ntype = "conntrack"\nevents = ["new", "destroy"]\nbuffer_size = 262144\n` +
        `[output.json]\npath = "/dev/null"\n[log]\nformat = "json"\n`,
    );
    await using nfscribe = await startNfscribe("-c", file);
    let made = 0;
    for (const isStopped of [false, true, false]) {
      if (isStopped) nfscribe.kill("SIGSTOP");
      made += (await flood.make(0.3)).made;
      if (isStopped) nfscribe.kill("SIGCONT");
    }
    await flood.end();
    const peaks = familyOf(nfscribe.pid).map(peakOf);
    nfscribe.kill("SIGTERM");
    const { counters, stderr } = await nfscribe.ended();
    const { received, lost } = counters.sources.conntrack!;
    assertEquals(received + lost, 2 * made, stderr);
    assertGreater(lost, 0);
    assertGreater(received, 1000);
    // What is not received waits in the kernel, and nothing else grows.
    for (const peak of peaks) assertLess(peak, 300);
  },
});

/** Returns the most memory that a process has had (`VmHWM`, proc_pid_status(5)), in MB. */
function peakOf(pid: number): number {
  const status = readProcFile(`/proc/${pid}/status`) ?? "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
}
