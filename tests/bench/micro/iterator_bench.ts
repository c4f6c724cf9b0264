import { NO_ACTIONS } from "../../../src/packet/actions.ts";
import { assertEquals } from "@std/assert";
import { Capture } from "../../../src/capture.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { NflogReader } from "../../../src/source/nflog/reader.ts";
import { datagramOfPackets, PACKETS } from "../sample.ts";

const datagram = datagramOfPackets();

/** Returns a capture whose reader returns the same datagram again and again. */
function endless(): Capture {
  const reader = {
    foreign: 0,
    clock: { seconds: 1_700_000_000, nanoseconds: 0 },
    interfaces: new InterfaceTable().with([[2, "eth0"]]),
    receive(buffer: Uint8Array) {
      buffer.set(datagram);
      return datagram.length;
    },
    close: () => Promise.resolve(),
  };
  return new Capture(reader as unknown as NflogReader, NO_ACTIONS, undefined);
}

async function take(count: number): Promise<number> {
  const packets = endless();
  let bytes = 0;
  for await (const { destinationPort } of packets) {
    bytes += destinationPort!;
    if (--count === 0) break;
  }
  return bytes;
}

assertEquals(await take(PACKETS * 2), PACKETS * 2 * 443);
Deno.bench(`for await, destinationPort: ${PACKETS} packets`, async () => {
  await take(PACKETS);
});
