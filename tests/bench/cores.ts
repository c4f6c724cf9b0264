/**
 * Simulates one nfscribe on a machine with more cores, from parts that are measured here by CPU
 * time; checks the simulation on the cores that there are.
 *
 *     deno task bench:cores [--markdown] [--check] [PACKETS]
 *
 * @module
 */

import { PORT } from "../kernel/traffic.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { hasProgram, must, temporaryFolder } from "../system/process.ts";
import { builtGenerator } from "./generator.ts";
import { timed } from "./cpu.ts";
import { carried, lostOf, type Parts } from "./simulation.ts";
import { spread } from "./summary.ts";
import { type Setup, UnderLoad } from "./under_load.ts";

const isMarkdown = Deno.args.includes("--markdown");
const PACKETS = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 300_000);
const ROUNDS = 5;
const CORES = [1, 2, 4, 8, 16, 32];
const WORKERS = [1, 2, 4];
/** Packets that a slot takes of 100 bytes: three full datagrams of 512 (src/sandbox/ring.ts). */
const SLOT = 3 * 512;
/** Time of each step of the check, in seconds. */
const SECONDS = 2;

const EXPRESSION = `udp dst port ${PORT}`;
const KINDS = {
  pcap: '[output.pcap]\npath = "t.pcap"\n',
  LOGEMU: '[output.logemu]\npath = "t.log"\n',
  JSON: '[output.json]\npath = "t.json"\n',
};

if (!HAS_NFT || !hasProgram("gcc")) {
  console.error("Cannot measure: it takes nft, and gcc for the generator");
  Deno.exit(1);
}
await using folder = await temporaryFolder();
await must(["mount", "-t", "tmpfs", "none", folder.path]);
await using mounted = new AsyncDisposableStack();
mounted.defer(async () => void await must(["umount", "--lazy", folder.path]));

if (Deno.args.includes("--check")) await check();
else await simulate();

/** Prints what follows from measured parts. */
async function simulate(): Promise<void> {
  const kernel = await kernelPart();
  const buffer = await bufferPart();
  const kinds: [name: string, parts: Parts][] = [];
  for (const [name, outputs] of Object.entries(KINDS)) {
    kinds.push([name, {
      ...await processParts({ outputs, where: EXPRESSION }),
      buffer,
      slot: SLOT,
    }]);
  }
  const micros = (part: number) => part.toFixed(2);
  console.log(
    `Measured: a core sends and logs a packet in ${micros(kernel.logging)} µs, of which ` +
      `${micros(kernel.locked)} for the log; the buffer of 8 MiB holds ${
        thousands(buffer)
      } packets.\n`,
  );
  print([
    ["output", "privileged µs", "sandbox µs", ...WORKERS.map((n) => `with workers = ${n}`)],
    ...kinds.map(([name, parts]) => [
      name,
      micros(parts.privileged),
      micros(parts.sandbox),
      ...WORKERS.map((workers) => thousands(carried(parts, workers))),
    ]),
  ]);
  console.log(
    `\nOne group takes ${thousands(1e6 / kernel.locked)} packets/s at the most: its lock is held ` +
      "while the kernel logs.\n",
  );
  print([
    ["logging cores", "packets/s", ...kinds.map(([name]) => `nfscribe, ${name}`)],
    ...CORES.map((cores) => {
      const rate = cores * 1e6 / kernel.logging;
      return [String(cores), thousands(rate), ...kinds.map(([, parts]) => needed(parts, rate))];
    }),
  ]);
}

/** Returns the number of nfscribe that lose nothing of a rate, and the share that one loses. */
function needed(parts: Parts, rate: number): string {
  const [workers, most] = WORKERS.map((workers) => [workers, carried(parts, workers)] as const)
    .reduce((best, one) => one[1] > best[1] ? one : best);
  if (rate <= most) return "1";
  const lost = lostOf(parts, { rate, workers, seconds: 10 });
  return `${Math.ceil(rate / most)}; one loses ${Math.round(100 * lost)} %`;
}

/**
 * Compares the rate at which loss begins with the simulation's: with a filter that is so slow that
 * two sandboxes are the limit of two cores.
 */
async function check(): Promise<void> {
  const filter = `export default () => {
  let sum = 0;
  for (let n = 0; n < 40_000; n++) sum = (sum + n) | 0;
  return sum !== 1;
};
`;
  const buffer = await bufferPart();
  const parts = {
    ...await processParts({ outputs: KINDS.pcap, filter, share: 10 }),
    buffer,
    slot: SLOT,
  };
  console.log(`A filter of ${parts.sandbox.toFixed(1)} µs CPU a packet`);
  for (const workers of [1, 2]) {
    // In the steady state: the buffer takes up what is too much for a while.
    const predicted = workers * 1e6 / parts.sandbox;
    const steps: string[] = [];
    for (const part of [0.6, 0.7, 0.8, 0.9, 1.1, 1.3]) {
      const rate = Math.round(part * predicted);
      const setup = { group: 1, outputs: KINDS.pcap, filter, workers, rate };
      const seconds = SECONDS + 2 * buffer / predicted;
      await using running = await UnderLoad.start(setup, `${folder.path}/${workers}-${part}`);
      const packets = Math.round(rate * seconds);
      await running.round(packets);
      const simulated = lostOf(parts, { rate, workers, seconds });
      const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
      steps.push(
        `${thousands(rate)}/s lost ${percent(await running.stop() / packets)}, ` +
          `simulated ${percent(simulated)}`,
      );
    }
    console.log(`workers ${workers}: ${steps.join("; ")}`);
  }
}

/** CPU time of the core that sends a packet: with its log, and the log alone. */
async function kernelPart(): Promise<{ logging: number; locked: number }> {
  const program = await builtGenerator();
  const words = [program, String(PACKETS), "72", "127.0.0.1", String(PORT)];
  const command = ["sh", "-c", 'exec "$@" >/dev/null', "sh", ...words];
  const setup: Setup = { group: 1, outputs: KINDS.pcap };
  await using _running = await UnderLoad.start(setup, `${folder.path}/kernel`);
  const costOf = async (log: string) => {
    await must(
      ["nft", "-f", "-"],
      "table inet bench {\nchain input {\ntype filter hook input priority 0\n" +
        `udp dport ${PORT} ${log} drop\n}\n}\n`,
    );
    const { cpuMicros } = await timed(command);
    await must(["nft", "flush", "ruleset"]);
    return cpuMicros / PACKETS;
  };
  const [withLog, without]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    withLog.push(await costOf("log group 1"));
    without.push(await costOf(""));
  }
  const logging = spread(withLog).least;
  return { logging, locked: logging - spread(without).least };
}

/** Packets of 100 bytes that the buffer of 8 MiB holds. */
async function bufferPart(): Promise<number> {
  const sent = 200_000;
  const setup: Setup = { group: 1, outputs: KINDS.pcap };
  await using running = await UnderLoad.start(setup, `${folder.path}/buffer`);
  await running.flood(sent);
  // A packet behind them makes the gap of the lost ones seen.
  await running.round(1000);
  return sent - await running.stop();
}

/** CPU time of a packet in the privileged process and in the sandbox. */
async function processParts(
  setup: Omit<Setup, "group">,
): Promise<Pick<Parts, "privileged" | "sandbox">> {
  const name = `${folder.path}/${crypto.randomUUID()}`;
  await using running = await UnderLoad.start({ group: 1, ...setup }, name);
  const [privileged, sandbox]: [number[], number[]] = [[], []];
  for (let round = 0; round <= ROUNDS; round++) {
    const cost = await running.round(PACKETS);
    if (round === 0) continue;
    privileged.push(cost.privileged);
    sandbox.push(cost.total - cost.privileged);
  }
  return { privileged: spread(privileged).least, sandbox: spread(sandbox).least };
}

function thousands(value: number): string {
  return `${Math.round(value / 1000).toLocaleString("en")},000`;
}

function print([heads, ...rows]: readonly (readonly string[])[]): void {
  if (isMarkdown) {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    console.log([line(heads!), line(heads!.map(() => "--:")), ...rows.map(line)].join("\n"));
    return;
  }
  const widths = heads!.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length))
  );
  for (const row of [heads!, ...rows]) {
    console.log(row.map((cell, column) => cell.padStart(widths[column]!)).join("  "));
  }
}
