/**
 * Packets per second and CPU per packet into one NATS server: from the firewall's rule, and of the
 * sender alone from its spool, by form and compression of the messages.
 *
 *     deno task bench:nats [PACKETS [ROUNDS]] [--json]
 *
 * UDP packets of 100 bytes come as fast as another process sends them, on the same CPUs. The server's
 * own time is not in the figures: it is printed apart, in the last line.
 *
 * @module
 */

import { jetstreamManager } from "@nats-io/jetstream";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { readCounters } from "../../src/daemon/telemetry/stats_client.ts";
import { natsEncoders } from "../../src/output/nats/encoder.ts";
import type { NatsOutputOptions } from "../../src/output/nats/options.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { HAS_NFT } from "../kernel/firewall.ts";
import { NatsServer, noServer } from "../nats/server/nats_server.ts";
import { openOutput } from "../nats/server/sending.ts";
import { connectForTest } from "../nats/server/stream_reader.ts";
import { must, temporaryFolder } from "../system/process.ts";
import { cpuNanoseconds } from "../ffi/cpu_clock.ts";
import { fillSpool, fromSpool, underFlood } from "./databases_common.ts";
import { type Figures, measureAll } from "./load_report.ts";

const words = Deno.args.filter((word) => !word.startsWith("-"));
const [PACKETS = 500_000, ROUNDS = 3] = words.map(Number);

const missing = noServer() ?? (HAS_NFT ? undefined : "needs nft, and the right to use it");
if (missing !== undefined) {
  console.error(`Cannot measure: ${missing}`);
  Deno.exit(1);
}

type Form = Pick<NatsOutputOptions, "payload" | "compression">;
const FORMS: readonly Form[] = [
  { payload: "pcapng", compression: "zstd" },
  { payload: "pcapng", compression: "gzip" },
  { payload: "pcapng", compression: "none" },
  { payload: "json", compression: "zstd" },
];

await using folder = await temporaryFolder();
await using server = await NatsServer.start();
const connection = await connectForTest(server.url);
const manager = await jetstreamManager(connection);
let runs = 0;

/** Returns the bytes in a stream, which is then deleted: all streams together would fill the server. */
async function sizeOf(stream: string): Promise<number> {
  const { state } = await manager.streams.info(stream);
  for (const name of [stream, `${stream}_STATUS`]) await manager.streams.delete(name);
  return state.bytes;
}

function flooded({ payload, compression }: Form): Promise<Figures> {
  const [stream, place] = [`flood_${++runs}`, `${folder.path}/${runs}`];
  Deno.mkdirSync(place);
  let firstMs = 0;
  const lines =
    `url = "${server.url}"\nstream = "${stream}"\nsubject = "${stream}"\ncreate = true\n` +
    `payload = "${payload}"\ncompression = "${compression}"\n[stats]\nsocket = "${place}/socket"`;
  return underFlood(place, PACKETS, {
    type: "nats",
    lines,
    async arrived() {
      const counters = await readCounters(`${place}/socket`, 10_000);
      if (Object.values(counters.sources).some(({ received }) => received > 0)) {
        firstMs ||= Date.now();
      }
      return counters.outputs.nats!.written;
    },
    firstMs: () => Promise.resolve(firstMs),
    size: () => sizeOf(stream),
  });
}

async function spooled({ payload, compression }: Form): Promise<Figures> {
  const [stream, spool] = [`spool_${++runs}`, `${folder.path}/spool${runs}`];
  const options = { payload, messageBytes: 512 * 1024, hostname: "gate", session: "" };
  fillSpool(spool, PACKETS, natsEncoders.packet!(options) as Encoder<RawPacket>);
  const place = { url: server.url, spool, stream, subject: stream };
  const figures = await fromSpool(
    PACKETS,
    () => openOutput({ ...place, payload, compression }),
    () => sizeOf(stream),
  );
  await Deno.remove(spool, { recursive: true });
  return figures;
}

const before = cpuNanoseconds(server.pid);
await measureAll(
  FORMS.flatMap((form) => {
    const name = `${form.payload}, ${form.compression}`;
    return [
      { name, measure: () => flooded(form) },
      { name: "  from its spool", measure: () => spooled(form) },
    ];
  }),
  {
    ...{ packets: PACKETS, rounds: ROUNDS, comparisons: [] },
    asJson: Deno.args.includes("--json"),
    settings: {
      CPUs: (await must(["nproc"])).trim(),
      "nats-server": (await must(["nats-server", "--version"])).trim().replace(/^.*v/, ""),
    },
  },
);
const perPacket = (cpuNanoseconds(server.pid) - before) / 1000 /
  (2 * FORMS.length * ROUNDS * PACKETS);
await connection.close();
if (!Deno.args.includes("--json")) {
  console.log(`The server took ${perPacket.toFixed(3)} µs of CPU a packet`);
}
