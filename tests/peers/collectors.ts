/**
 * Collectors of IPFIX as other processes: nfcapd of nfdump, and nfacctd of pmacct.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";
import { hasProgram, must, until } from "../system/process.ts";

/** Whether both collectors are here. */
export const HAS_COLLECTORS: boolean = hasProgram("nfcapd") && hasProgram("nfdump") &&
  hasProgram("nfacctd");

/** A flow as a collector has stored it; what it does not know is undefined or 0. */
export interface CollectedFlow {
  protocol: number;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  packets: number;
  bytes: number;
  /** Milliseconds since the Unix epoch. */
  start: number;
  end: number;
  translatedSource?: string | undefined;
  translatedDestination?: string | undefined;
  translatedSourcePort?: number | undefined;
  translatedDestinationPort?: number | undefined;
  /** Counters of the reply, which pmacct does not store. */
  replyPackets?: number;
  replyBytes?: number;
  /** Type and code of ICMP, which pmacct does not store. */
  icmp?: readonly [type: number, code: number] | undefined;
}

/** A running collector. */
export interface Collector extends AsyncDisposable {
  /** Stops it, and returns the flows that it has stored. */
  stop(): Promise<CollectedFlow[]>;
  /** Messages so far. */
  readonly said: string;
}

/** Starts a program that listens on a UDP port of loopback. */
async function start(port: number, program: string, args: readonly string[]) {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const process = { child, said: "" };
  const reading = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) process.said += text;
  });
  const status = child.status;
  await until(`${program} listens`, () => waitingAt(port) !== undefined);
  return {
    process,
    async end(signal: Deno.Signal): Promise<void> {
      if (signal !== "SIGKILL") {
        await until(`${program} has read all`, () => waitingAt(port) === 0);
      }
      try {
        child.kill(signal);
      } catch {
        // It has ended already.
      }
      await status;
      await Promise.all(reading);
    },
  };
}

/** Returns how many bytes wait at a UDP port of this host; undefined where no socket has it. */
function waitingAt(port: number): number | undefined {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const sockets = (readProcFile("/proc/net/udp") ?? "").split("\n")
    .map((line) => line.trim().split(/\s+/));
  const found = sockets.find(([, local]) => local?.endsWith(end));
  return found && Number.parseInt(found[4]!.split(":")[1]!, 16);
}

/** Starts nfcapd on a port, which stores flows in a folder. */
export async function startNfcapd(folder: string, port: number): Promise<Collector> {
  await Deno.mkdir(folder);
  const args = ["-p", `${port}`, "-b", "127.0.0.1", "-w", folder, "-t", "3600"];
  const { process, end } = await start(port, "nfcapd", args);
  return {
    get said() {
      return process.said;
    },
    async stop() {
      await end("SIGTERM");
      const text = await must(["env", "TZ=UTC", "nfdump", "-R", folder, "-o", "json"]);
      return (JSON.parse(text) as Record<string, string | number>[])
        .filter(({ t_event }) => t_event === undefined).map(nfdumpFlow);
    },
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}

function nfdumpFlow(flow: Readonly<Record<string, string | number>>): CollectedFlow {
  const text = (...names: string[]) => {
    const name = names.find((name) => flow[name] !== undefined);
    return name === undefined ? undefined : String(flow[name]);
  };
  const number = (name: string) => flow[name] === undefined ? undefined : Number(flow[name]);
  return {
    protocol: Number(flow.proto),
    source: text("src4_addr", "src6_addr")!,
    destination: text("dst4_addr", "dst6_addr")!,
    sourcePort: number("src_port") ?? 0,
    destinationPort: number("dst_port") ?? 0,
    packets: Number(flow.in_packets),
    bytes: Number(flow.in_bytes),
    replyPackets: Number(flow.out_packets),
    replyBytes: Number(flow.out_bytes),
    start: Date.parse(`${flow.first}Z`),
    end: Date.parse(`${flow.last}Z`),
    translatedSource: text("src4_xlt_ip", "src6_xlt_ip"),
    translatedDestination: text("dst4_xlt_ip", "dst6_xlt_ip"),
    translatedSourcePort: number("src_xlt_port"),
    translatedDestinationPort: number("dst_xlt_port"),
    icmp: flow.icmp_type === undefined ? undefined : [number("icmp_type")!, number("icmp_code")!],
  };
}

/** Fields that nfacctd tells flows apart by. */
const PRIMITIVES = [
  ...["src_host", "dst_host", "src_port", "dst_port", "proto"],
  ...["timestamp_start", "timestamp_end", "post_nat_src_host", "post_nat_dst_host"],
  ...["post_nat_src_port", "post_nat_dst_port", "nat_event"],
];

/** Starts nfacctd on a port, which writes flows to a file in a folder, a second after they came. */
export async function startNfacctd(folder: string, port: number): Promise<Collector> {
  await Deno.mkdir(folder);
  const file = `${folder}/flows.json`;
  const config = [
    "daemonize: false",
    "nfacctd_ip: 127.0.0.1",
    `nfacctd_port: ${port}`,
    "plugins: print",
    "print_output: json",
    `print_output_file: ${file}`,
    "print_refresh_time: 1",
    "print_history: 1d",
    "print_output_file_append: true",
    `aggregate: ${PRIMITIVES.join(", ")}`,
    "timestamps_since_epoch: true",
    "nfacctd_time_new: true",
  ];
  await Deno.writeTextFile(`${folder}/nfacctd.conf`, `${config.join("\n")}\n`);
  const { process, end } = await start(port, "nfacctd", ["-f", `${folder}/nfacctd.conf`]);
  return {
    get said() {
      return process.said;
    },
    async stop() {
      // It writes what it has when it ends.
      await end("SIGINT");
      const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
      return lines.map((line) => JSON.parse(line))
        .filter(({ nat_event }) => nat_event === 0).map(pmacctFlow);
    },
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}

/** Numbers of protocols that pmacct has names for. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  ...{ icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, ah: 51, "ipv6-icmp": 58 },
};

function pmacctFlow(flow: Readonly<Record<string, string | number>>): CollectedFlow {
  const isTranslated = flow.post_nat_ip_src !== "";
  return {
    protocol: PROTOCOLS[flow.ip_proto!] ?? Number(flow.ip_proto),
    source: String(flow.ip_src),
    destination: String(flow.ip_dst),
    sourcePort: Number(flow.port_src),
    destinationPort: Number(flow.port_dst),
    packets: Number(flow.packets),
    bytes: Number(flow.bytes),
    start: Math.round(Number(flow.timestamp_start) * 1000),
    end: Math.round(Number(flow.timestamp_end) * 1000),
    ...isTranslated && {
      translatedSource: String(flow.post_nat_ip_src),
      translatedDestination: String(flow.post_nat_ip_dst),
      translatedSourcePort: Number(flow.post_nat_port_src),
      translatedDestinationPort: Number(flow.post_nat_port_dst),
    },
  };
}
