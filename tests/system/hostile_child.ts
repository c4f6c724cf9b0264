/**
 * A compromised sandbox process: it works on slots, and now and then writes arbitrary bytes into
 * the shared memory, its socket and its standard error, or exits.
 *
 * @module
 */

import { EventFd } from "../../ffi/event_fd.ts";
import { Futex } from "../../ffi/futex.ts";
import { libc } from "../../ffi/libc.ts";
import { SharedMemory } from "../../ffi/shared_memory.ts";
import { Channel } from "../../src/sandbox/entry/channel.ts";
import { FromSandbox, ToSandbox } from "../../src/sandbox/messages.ts";
import { Ring, ringBytes } from "../../src/sandbox/ring.ts";
import type { SandboxStart } from "../../src/sandbox/setup.ts";
import { SlotServer } from "../../src/sandbox/slot_server.ts";
import { Random } from "../fuzz/random.ts";

const channel = new Channel(4);
const { numbers: [slots = 0, areas = 0, length = 0] } = channel.expect(ToSandbox.HELLO);
const size = { slots, areas };
const bytes = ringBytes(size);
const memory = new SharedMemory(3, bytes);
const ring = new Ring(size, (offset, length) => memory.part(offset, length));
const all = new Int32Array(memory.part(0, bytes & ~3));
const random = new Random(crypto.getRandomValues(new Uint32Array(1))[0]!);
const { words, index } = ring.wakeupWord;
const futex = new Futex(words as Int32Array<ArrayBuffer>, index);
const waker = new EventFd(5);

/** Does one thing that a sandbox must not do. */
function misbehave(): void {
  const near = random.below(2) === 0 ? 4096 : all.length;
  switch (random.below(9)) {
    case 0:
      for (let n = random.below(64); n > 0; n--) all[random.below(near)] = random.bits() | 0;
      break;
    case 1:
      for (let n = random.below(64); n > 0; n--) all[1024 + random.below(4000)] = random.below(5);
      break;
    case 2:
      for (const slot of ring.slots) slot.state = random.below(6);
      break;
    case 3:
      raw(random.bytes(random.below(60_000)));
      break;
    case 4:
      channel.post(random.below(12), [random.bits(), 1, 2], ["\x1b[2J", "\n{}", "x".repeat(9000)]);
      break;
    case 5:
      for (let n = 0; n < 300; n++) channel.sender.log("\u202e".repeat(500), [["time", "\x9b"]]);
      break;
    case 6:
      libc().write(2, new TextEncoder().encode("\x1b]0;owned\x07".repeat(3000)), 27_000n);
      break;
    case 7:
      for (let n = random.below(50); n > 0; n--) waker.signal();
      break;
    default:
      if (random.below(4) === 0) Deno.exit(random.below(256));
  }
}

/** Sends arbitrary bytes as a message. */
function raw(message: Uint8Array<ArrayBuffer>): void {
  libc().sendto(4, message, BigInt(message.length), 0x4040, null, 0);
}

const { setup }: SandboxStart = JSON.parse(
  new TextDecoder().decode(ring.transfer.slice(0, length)),
);
const server = new SlotServer(setup, undefined, {
  ring,
  sender: channel.sender,
  wakeup: {
    wait: (value, timeoutMs) => {
      if (random.below(3) === 0) misbehave();
      futex.wait(value, timeoutMs);
    },
    waitAsync: (value) => futex.waitAsync(value),
    ring: () => {
      if (random.below(6) === 0) misbehave();
      waker.signal();
    },
  },
});
channel.post(FromSandbox.SEALED);
channel.post(FromSandbox.READY, [0, 0]);
await server.serve();
