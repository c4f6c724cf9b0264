/**
 * A fleet's parts measured in one run: a sender, one NATS server, and a centre that writes into a file
 * and then into PostgreSQL, all on the CPUs of this machine. Draws docs/fleet.svg.
 *
 *     deno task bench:fleet [PACKETS] [--json]
 *
 * First the sender and the server work alone, on a flood at full speed of UDP packets of 100 bytes; the
 * centre then takes what waits in the stream; in the end all work at once.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { noFleet } from "../fleet/fleet.ts";
import { HERE, Network } from "../fleet/network.ts";
import { NatsServer, untilHealthy } from "../fleet/nats_server.ts";
import { Centre, type Part, Sender } from "../fleet/parts.ts";
import { Cluster } from "../postgres/cluster.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { cpuOf, memoryOf } from "./cpu.ts";
import { fleetBars } from "./fleet_bars.ts";

const [PACKETS = 1_000_000] = Deno.args.filter((word) => !word.startsWith("-")).map(Number);
const JSON_WANTED = Deno.args.includes("--json");
const DEADLINE_MS = 600_000;

/** Figures of one part at work. */
export interface PartFigures {
  name: string;
  /** Packets a second, with its neighbours on the same CPUs. */
  rate: number;
  /** CPU time for a packet, in microseconds. */
  cpu: number;
  /** Memory in MB. */
  memory: number;
}

/** Results of a run. */
export interface FleetFigures {
  packets: number;
  /** Bytes of a packet in the stream. */
  bytes: number;
  /** Memory of an idle connection at the server, in kB. */
  connection: number;
  parts: PartFigures[];
  /** Packets a second from the firewall's rule to the end, all parts at once. */
  through: { name: string; rate: number }[];
}

/** Connections that are opened to measure their memory. */
const CONNECTIONS = 2000;

/** Returns the memory of an idle connection at the server, in kB, without TLS. */
async function connectionMemory(server: NatsServer): Promise<number> {
  const before = memoryOf(server.pid);
  const connections = [];
  for (let count = 0; count < CONNECTIONS; count++) {
    const connection = await Deno.connect({ hostname: server.host.address, port: 4222 });
    await connection.write(new TextEncoder().encode('CONNECT {"verbose":false}\r\nPING\r\n'));
    await connection.read(new Uint8Array(4096));
    connections.push(connection);
  }
  const more = memoryOf(server.pid) - before;
  for (const connection of connections) connection.close();
  return more * 1000 / CONNECTIONS;
}

/** Number of packets that the part is done with. */
type Done = () => Promise<number>;

async function measure(): Promise<FleetFigures> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const network = stack.use(await Network.open());
  const place = await network.host("nats1");
  const server = stack.use(await NatsServer.start(place, [place], path));
  await untilHealthy([server]);
  const cluster = stack.use(
    await Cluster.start({
      settings: ["listen_addresses = '*'"],
      hba: ["local all all trust", "host all all 0.0.0.0/0 trust"],
    }),
  );
  const servers = `url = "${server.url}"\ncreate = true`;
  const sender = stack.use(
    await Sender.start(await network.host("web1"), `${path}/web1`, servers),
  );
  const outputs = {
    pcap: `[output.pcap]\npath = "${path}/all.pcap"`,
    postgres: `[output.postgres]\nurl = "postgres://postgres@${HERE}:${cluster.port}/postgres"\n` +
      `create = true\nspool = "${path}/rows"`,
  };
  const sent = async () => (await sender.counters()).outputs.nats!.written;
  const connection = await connectionMemory(server);
  const figures: FleetFigures = { packets: PACKETS, bytes: 0, connection, parts: [], through: [] };
  for (const [type, output] of Object.entries(outputs)) {
    // The sender alone.
    const before = await sent();
    const serverCpu = cpuOf(server.pid);
    const filled = await work(
      sender,
      async () => await sent() - before,
      () => sender.scatter(PACKETS),
    );
    const stream = await server.stream("NFSCRIBE");
    if (type === "pcap") {
      figures.bytes = stream!.state.bytes / PACKETS;
      figures.parts.push({ name: "sender", ...filled });
      figures.parts.push({
        name: "server, taking",
        rate: filled.rate,
        cpu: (cpuOf(server.pid) - serverCpu) / PACKETS,
        memory: memoryOf(server.pid),
      });
    }
    // The centre alone, then with the others.
    const before2 = cpuOf(server.pid);
    const centre = await Centre.start(
      await network.host(`centre${type.length}`),
      `${path}/${type}`,
      servers,
      output,
    );
    await using _ = centre;
    const written = async () => (await centre.counters()).outputs[type]!.written;
    const drained = await work(centre, written, () => Promise.resolve());
    figures.parts.push({ name: `centre, into ${type}`, ...drained });
    if (type === "pcap") {
      figures.parts.push({
        name: "server, giving",
        rate: drained.rate,
        cpu: (cpuOf(server.pid) - before2) / PACKETS,
        memory: memoryOf(server.pid),
      });
    }
    const { rate } = await work(
      centre,
      async () => await written() - PACKETS,
      () => sender.scatter(PACKETS),
    );
    figures.through.push({ name: type, rate });
    await centre.stop();
  }
  return figures;
}

/** Measures a part from the beginning of some work until it is done with all packets. */
async function work(
  part: Part,
  done: Done,
  begin: () => Promise<void>,
): Promise<Omit<PartFigures, "name">> {
  const cpu = cpuOf(part.pid);
  let startMs: number | undefined;
  let memory = 0;
  const begun = begin();
  await until("all packets are through", async () => {
    const count = await done();
    if (count > 0) startMs ??= performance.now();
    memory = Math.max(memory, memoryOf(part.pid));
    await delay(20);
    return count >= PACKETS;
  }, DEADLINE_MS);
  const seconds = (performance.now() - startMs!) / 1000;
  await begun;
  return { rate: PACKETS / seconds, cpu: (cpuOf(part.pid) - cpu) / PACKETS, memory };
}

if (import.meta.main) {
  const missing = await noFleet();
  if (missing !== undefined) {
    console.error(`Cannot measure: ${missing}`);
    Deno.exit(1);
  }
  const figures = await measure();
  if (JSON_WANTED) {
    console.log(JSON.stringify(figures));
  } else {
    const { packets, bytes, connection, parts, through } = figures;
    console.log(`${packets} packets of 100 bytes, ${bytes.toFixed(0)} bytes each in the stream`);
    console.log(`a connection takes ${connection.toFixed(0)} kB of the server`);
    for (const { name, rate, cpu, memory } of parts) {
      console.log(
        `${name.padEnd(22)}${Math.round(rate / 1000)}k packets/s  ${cpu.toFixed(2)} µs CPU  ${
          memory.toFixed(0)
        } MB`,
      );
    }
    for (const { name, rate } of through) {
      console.log(`all at once, into ${name}: ${Math.round(rate / 1000)}k packets/s`);
    }
    await Deno.writeTextFile(
      new URL("../../docs/fleet.svg", import.meta.url),
      fleetBars(figures),
    );
  }
}
