/**
 * Logs three packets, drops root, and stops the capture of group 705; prints the result.
 *
 * @module
 */

import { Privileges } from "../../src/privileges/privileges.ts";
import { credentialsOf } from "../../src/privileges/user.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { sendUdp } from "./traffic.ts";

const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
const decoder = new NflogDecoder();
const packet = new RawPacket(new InterfaceTable());

/** Receives all queued datagrams. */
function receiveAll(reader: NflogReader): void {
  for (;;) {
    const length = reader.receive(memory.bytes);
    if (length === NOTHING_QUEUED) return;
    decoder.begin(memory, 0, length, 0, 0);
    while (decoder.next(packet));
  }
}

const options = { copyRange: 0, bufferSize: 1 << 20, queueThreshold: 512, queueTimeoutMs: 500 };
await using reader = await NflogReader.open({ group: 705, ...options }, console.error);
for (let count = 0; count < 3; count++) sendUdp();
Privileges.lower(credentialsOf({ user: 64321, group: 64322 }, "test")!).drop(console);
const stopped = reader.stop();
receiveAll(reader);
const atOnce = decoder.received;
await stopped;
sendUdp();
await new Promise((resolve) => setTimeout(resolve, 2 * options.queueTimeoutMs));
receiveAll(reader);
console.log(JSON.stringify({ atOnce, received: decoder.received, lost: decoder.lost }));
