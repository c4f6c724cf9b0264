/**
 * CPU per event of connection tracking and losses: nfscribe beside ulogd and conntrack(8), in a
 * network namespace of its own: `deno task bench:flows [FLOWS [ROUNDS]]`. Each flow is two events,
 * its beginning and its end. The programs run one after the other, in turns. Then flows are made as
 * fast as one core can, for ten seconds, and a million of them kept in memory.
 *
 * @module
 */

import { FlowMaker } from "../ffi/flow_maker.ts";
import { HAS_CONNTRACK } from "../kernel/flows.ts";
import { hasUlogd } from "../peers/ulogd.ts";
import { hasProgram, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { cpuOf } from "./cpu.ts";
import { measureFlood, measureTable } from "./flow_flood.ts";
import { machine } from "./machine.ts";
import { spread } from "./summary.ts";

const flows = Number(Deno.args[0] ?? 200_000);
const rounds = Number(Deno.args[1] ?? 3);
if (!Number.isSafeInteger(flows) || !Number.isSafeInteger(rounds)) {
  console.error("Usage: flows.ts [FLOWS [ROUNDS]], both whole numbers");
  Deno.exit(2);
}
/** Receive buffer of all programs, in bytes: it holds every event of a round. */
const BUFFER_SIZE = 1 << 29;
/** Time without further lines after which a round is over, in milliseconds. */
const QUIET_MS = 1500;

/** A program that writes a line for each event. */
interface Program {
  name: string;
  command(folder: string): string[];
  /** Text of its configuration. */
  config?(folder: string): string;
}

const PLUGINS = `/usr/lib/${Deno.build.arch}-linux-gnu/ulogd`;

const PROGRAMS: readonly Program[] = [
  {
    name: "nfscribe, JSON",
    command: (folder) => [`${ROOT}scripts/nfscribe`, "run", "-c", `${folder}/config`],
    config: () => nfscribeConfig("json", "nfscribe"),
  },
  {
    name: "nfscribe, ulogd's JSON",
    command: (folder) => [`${ROOT}scripts/nfscribe`, "run", "-c", `${folder}/config`],
    config: () => nfscribeConfig("json", "ulogd2"),
  },
  {
    name: "ulogd, JSON",
    command: (folder) => ["ulogd", "-c", `${folder}/config`],
    config: (folder) =>
      `[global]
logfile="${folder}/log"
${
        ["filter_IP2STR", "inpflow_NFCT", "output_JSON"].map((plugin) =>
          `plugin="${PLUGINS}/ulogd_${plugin}.so"`
        ).join("\n")
      }
stack=ct:NFCT,ip:IP2STR,json:JSON
[ct]
hash_enable=0
netlink_socket_buffer_size=${BUFFER_SIZE}
netlink_socket_buffer_maxsize=${BUFFER_SIZE + 1}
[json]
file="${folder}/lines"
`,
  },
  {
    name: "conntrack -E",
    command: (folder) => [
      ...["sh", "-c", `exec conntrack -E -e NEW,DESTROY -b ${BUFFER_SIZE} > ${folder}/lines`],
    ],
  },
];

function nfscribeConfig(type: string, format: string): string {
  return `[[source]]
type = "conntrack"
events = ["new", "destroy"]
buffer_size = ${BUFFER_SIZE}
[output.${type}]
path = "lines"
format = "${format}"
`;
}

/** Figures of a round. */
interface Round {
  /** Events that became lines. */
  lines: number;
  /** CPU time per line, in microseconds. */
  cpu: number;
}

async function lineCount(file: string): Promise<number> {
  try {
    return Number((await must(["wc", "-l", file])).split(" ")[0]);
  } catch {
    return 0;
  }
}

/** Runs a program for one round of flows after a warm-up of as many. */
async function measure(program: Program): Promise<Round> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  if (program.config !== undefined) {
    await Deno.writeTextFile(`${path}/config`, program.config(path));
  }
  const [command, ...args] = program.command(path);
  const child = new Deno.Command(command!, {
    args,
    cwd: path,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    using maker = new FlowMaker();
    await until(`${program.name} takes events`, async () => {
      // Programs that buffer lines write some of so many.
      maker.make(100);
      await must(["conntrack", "-F"]);
      return await lineCount(`${path}/lines`) > 0;
    });
    await load(maker, `${path}/lines`);
    const [before, cpu] = [await lineCount(`${path}/lines`), cpuOf(child.pid)];
    await load(maker, `${path}/lines`);
    const lines = await lineCount(`${path}/lines`) - before;
    return { lines, cpu: (cpuOf(child.pid) - cpu) / lines };
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await must(["conntrack", "-F"]);
  }
}

/** Makes flows and ends them; returns once no further lines come. */
async function load(maker: FlowMaker, file: string): Promise<void> {
  maker.make(flows);
  await must(["conntrack", "-F"]);
  for (let last = -1, now = 0; now !== last;) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
    now = await lineCount(file);
  }
}

if (!HAS_CONNTRACK || !hasUlogd("JSON")) {
  console.error("Cannot measure: it takes root, nft, conntrack and ulogd2-json");
  Deno.exit(1);
}
await must(
  ["nft", "-f", "-"],
  `table inet tracked {
  chain output {
    type filter hook output priority 0
    ct state new
  }
}
`,
);
await must([
  ...["sysctl", "-qw", "net.netfilter.nf_conntrack_acct=1"],
  "net.netfilter.nf_conntrack_timestamp=1",
]);
console.log(await machine());
const results = new Map<string, Round[]>(PROGRAMS.map(({ name }) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const program of PROGRAMS) results.get(program.name)!.push(await measure(program));
}
console.log(`${2 * flows} events a round, ${rounds} rounds`);
for (const [name, all] of results) {
  const { median } = spread(all.map(({ cpu }) => cpu));
  const missing = 2 * flows - Math.min(...all.map(({ lines }) => lines));
  console.log(`${name.padEnd(24)} ${median.toFixed(2)} µs an event, at most ${missing} missing`);
}
console.log(measureTable());
if (!hasProgram("gcc")) console.log("no flood: it takes gcc");
else for (const line of await measureFlood()) console.log(line);
