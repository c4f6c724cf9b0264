/**
 * Minimal logger that hands its socket over: counts the packets of a group until SIGTERM, or until
 * another process takes over: `counting.ts GROUP [SOCKET [take]]`.
 *
 * @module
 */

import { SourceLedger } from "../../src/daemon/telemetry/ledger.ts";
import { StatsServer } from "../../src/daemon/telemetry/stats_server.ts";
import { DescriptorStore } from "../../src/systemd/descriptor_store.ts";
import { takeServiceEnvironment } from "../../src/systemd/environment.ts";
import { takeoverNonce } from "../../src/handover/protocol.ts";
import { HandoverServer, prepareTakeover } from "../../src/handover/server.ts";
import { Watchdog } from "../../src/systemd/watchdog.ts";
import { Notifier } from "../../src/systemd/notifier.ts";
import { HandoverClient } from "../../src/handover/client.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";

const [group = "1", statsPath, take] = Deno.args;
const warnings: string[] = [];
const warn = (message: string) => void warnings.push(message);
const identity = { type: "nflog", group: Number(group) };

const environment = takeServiceEnvironment();
await using notifier = Notifier.open(environment.notifySocket, warn);
using store = new DescriptorStore(environment, notifier, warn);
prepareTakeover();
await using client = take === undefined ? undefined : await HandoverClient.request(statsPath!);
using inherited = await client?.receive(10_000);
const socket = (inherited ?? store.inherited).take(identity);
const options = {
  ...identity,
  copyRange: 100,
  bufferSize: 8 * 1024 * 1024,
  queueThreshold: 512,
  queueTimeoutMs: 20,
};
await using reader = await NflogReader.open(options, warn, socket?.descriptor);
const ledger = new SourceLedger(reader.isAdopted ? socket : undefined);
const live = {
  name: "counted",
  ...identity,
  descriptor: reader.descriptor,
  get expected() {
    return ledger.expected;
  },
};
store.keep([live]);

let isOver = false;
const end = () => {
  isOver = true;
  reader.wake();
};
Deno.addSignalListener("SIGTERM", end);
let server: HandoverServer | undefined;
const statsServer = statsPath === undefined
  ? undefined
  : await StatsServer.open(statsPath, () => ledger, async (line) => {
    server = await HandoverServer.answer(statsPath, takeoverNonce(line)!);
    end();
  });
notifier.ready();
if (statsPath !== undefined) console.log("ready");

const watchdog = new Watchdog(environment.watchdogMs, () => notifier.watchdog());
const decoder = new NflogDecoder();
const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
const packet = new RawPacket(reader.interfaces);
for (;;) {
  watchdog.ping(performance.now());
  if (isOver) reader.leave();
  const length = reader.receive(memory.bytes);
  if (length !== NOTHING_QUEUED) count(length);
  else if (isOver) break;
  else await reader.wait();
}

function count(length: number): void {
  const { received, malformed, lost } = decoder;
  decoder.forget();
  decoder.begin(memory, 0, length, 0, 0);
  while (decoder.next(packet));
  ledger.add({
    received: decoder.received - received,
    malformed: decoder.malformed - malformed,
    lost: decoder.lost - lost,
    firstSeq: decoder.firstSeq,
    nextSeq: decoder.nextSeq,
  });
  store.update();
}

notifier.stopping();
await statsServer?.close();
server?.sendSockets([live]);
const { received, lost, expected } = ledger;
const begun = reader.isAdopted ? socket?.expected : undefined;
console.log(JSON.stringify({ received, lost, expected, begun, warnings }));
await server?.[Symbol.asyncDispose]();
Deno.removeSignalListener("SIGTERM", end);
