/**
 * Measures a sandbox's work on a packet: decoding, the filter, encoding, on slots that are
 * dealt again and again, without the kernel and without other threads. Changes show here to a few
 * percent, while the speed of a machine under a flood varies by a third.
 *
 *     deno task bench:slots [none|port|matchers] [pcap|logemu|logemu:kernel|json[:ecs|:ocsf]]
 *
 * @module
 */

import { cidr, type Filter, ports } from "nfscribe";
import { cpuNanoseconds } from "../ffi/cpu_clock.ts";
import { Ring } from "../../src/sandbox/ring.ts";
import { Kind, type Slot, State } from "../../src/sandbox/slot.ts";
import { packetExpression } from "../../src/filter/expression/expression.ts";
import { SlotServer } from "../../src/sandbox/slot_server.ts";
import { datagramOfPackets, PACKETS } from "./sample.ts";
import { plainLoop } from "./plain_loop.ts";
import { spread } from "./summary.ts";

const SLOTS = 4;
/** Datagrams of a slot: as many as fit; lines of JSON of more would not fit into its area. */
const DATAGRAMS = Deno.args[1]?.startsWith("json") ? 1 : 4;
const ROUNDS = 12;
/** Number of times that all slots are dealt in a round. */
const TIMES = 150;

/**
 * Filters, and an expression, that pass every packet; one for each run, because they are compiled
 * into the measured code.
 */
const FILTERS: Readonly<Record<string, Filter | string | undefined>> = {
  none: undefined,
  expression: "tcp dst port 443",
  port: (packet) => packet.destinationPort === 443,
  matchers: (() => {
    const [inside, web] = [cidr("192.0.2.0/24", "2001:db8::/32"), ports(80, 443, "8000-8100")];
    return (packet) => inside.source(packet) && web.destination(packet);
  })(),
};

/** Outputs, with their encoders' options. */
const OUTPUTS: Readonly<Record<string, Record<string, unknown>>> = {
  pcap: { format: "pcap", linkType: "raw" },
  logemu: lineOptions("ulogd2"),
  "logemu:kernel": lineOptions("kernel"),
  json: jsonOptions("nfscribe"),
  "json:ecs": jsonOptions("ecs"),
  "json:ocsf": jsonOptions("ocsf"),
};

function lineOptions(dialect: string): Record<string, unknown> {
  return { dialect, logOptions: [], timeFormat: "syslog", hostname: "gate" };
}

function jsonOptions(format: string): Record<string, unknown> {
  return { format, hostname: "gate", session: crypto.randomUUID(), payload: false };
}

function dealTo(slot: Slot, size: number): void {
  slot.clear(Kind.PACKETS);
  for (let n = 0; n < DATAGRAMS; n++) {
    const offset = n * ((size + 3) & ~3);
    slot.addDatagram({
      source: 0,
      offset,
      size,
      seconds: 1_700_000_000,
      nanoseconds: 5,
      messages: 0,
    });
  }
  slot.state = State.DISPATCHED;
}

/** CPU nanoseconds of a packet in each round, and of a piece of the plain loop beside it. */
interface Rounds {
  packet: number[];
  plain: number[];
}

async function measure(filter: Filter | string | undefined, output: string): Promise<Rounds> {
  const ring = new Ring({ slots: SLOTS, areas: 1 }, (_, length) => new ArrayBuffer(length));
  const { slots } = ring;
  const rounds: Rounds = { packet: [], plain: [] };
  const over = Promise.withResolvers<void>();
  const datagram = datagramOfPackets();
  for (const { memory } of slots) {
    for (let n = 0; n < DATAGRAMS; n++) {
      memory.bytes.set(datagram, n * ((datagram.length + 3) & ~3));
    }
  }
  let [dispatched, times, before] = [0, 0, cpuNanoseconds(Deno.pid)];
  // The server waits when all slots are done.
  const dealAll = () => {
    if (times === TIMES) {
      const used = cpuNanoseconds(Deno.pid) - before;
      rounds.packet.push(used / TIMES / SLOTS / DATAGRAMS / PACKETS);
      rounds.plain.push(plainLoop());
      [times, before] = [0, cpuNanoseconds(Deno.pid)];
    }
    if (rounds.packet.length === ROUNDS) return over.resolve();
    times++;
    slots.forEach((slot, index) => {
      dealTo(slot, datagram.length);
      ring.dispatch(index, dispatched++);
    });
  };
  const server = new SlotServer(
    {
      sources: [{ name: "nflog", type: "nflog", options: {}, mask: 1 }],
      outputs: [{ name: output, type: output.split(":")[0]!, options: OUTPUTS[output]! }],
      ...typeof filter === "string" && { where: packetExpression(filter) },
      actions: {},
      script: undefined,
      onError: "pass",
      timeoutMs: 2000,
      worker: 0,
      workers: 1,
      trace: false,
    },
    typeof filter === "function" ? { default: filter } : undefined,
    {
      ring,
      wakeup: {
        wait: dealAll,
        waitAsync: () => Promise.resolve(dealAll()),
        ring: () => {},
      },
      sender: {
        log: () => true,
        suppressed: () => true,
        unfit: () => {},
        unknownOutput: () => {},
        fault: () => {},
        lines: () => {},
        names: () => ({ source: 0, interfaces: [] }),
      },
    },
  );
  void server.serve();
  await over.promise;
  return rounds;
}

const [name = "port", output = "pcap"] = Deno.args;
if (!Object.hasOwn(FILTERS, name)) {
  console.error(`There is no filter "${name}", only ${Object.keys(FILTERS).join(", ")}`);
  Deno.exit(2);
}
if (!Object.hasOwn(OUTPUTS, output)) {
  console.error(`There is no output "${output}", only ${Object.keys(OUTPUTS).join(", ")}`);
  Deno.exit(2);
}
const { packet, plain } = await measure(FILTERS[name], output);
const { least, median, most } = spread(packet);
const [low, middle, high] = [least, median, most].map(Math.round);
console.log(
  `filter ${name}, output ${output}: ${low} ns CPU a packet; the median round ${middle}, the slowest ${high}; ` +
    `${(least / spread(plain).least).toFixed(1)} times a plain copy`,
);
Deno.exit(0);
