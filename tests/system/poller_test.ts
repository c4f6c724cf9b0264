import { assert, assertEquals, assertLess, assertNotEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { NETLINK_USERSOCK, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { Poller } from "../../ffi/poller.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { leastCpuMs } from "./cpu.ts";

function openBound(): NetlinkSocket {
  const socket = NetlinkSocket.open(NETLINK_USERSOCK);
  socket.bind();
  return socket;
}

/** Lets pending events run. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await delay(1);
}

/** Returns the file of a descriptor, whose number alone may be reused. */
function inodeOf(descriptor: number): string | undefined {
  return readProcFile(`/proc/self/fdinfo/${descriptor}`)?.match(/^ino:\s*(\d+)$/m)?.[1];
}

Deno.test("a wait ends when data arrives at one of the sockets", async () => {
  await using sender = openBound();
  await using a = openBound();
  await using b = openBound();
  await using poller = new Poller([a, b]);
  for (const socket of [b, a]) {
    let over = false;
    const waiting = poller.wait().then(() => over = true);
    await turns();
    assertEquals(over, false, "nothing has arrived yet");
    sender.send(new Uint8Array([1]), socket.portId);
    await waiting;
    assertEquals(socket.receive(new Uint8Array(4)), 1);
  }
});

Deno.test("a wait ends at once if data is available", async () => {
  await using sender = openBound();
  await using socket = openBound();
  await using poller = new Poller([socket]);
  sender.send(new Uint8Array([1]), socket.portId);
  await poller.wait();
  await poller.wait();
  assertEquals(socket.receive(new Uint8Array(4)), 1);
});

Deno.test("wake() ends a wait in flight, and only that one", async () => {
  await using socket = openBound();
  await using poller = new Poller([socket]);
  const waiting = poller.wait();
  await turns();
  poller.wake();
  poller.wake();
  await waiting;
  let over = false;
  const next = poller.wait().then(() => over = true);
  await turns();
  assertEquals(over, false, "two calls of wake() ended two waits");
  poller.wake();
  await next;
});

Deno.test("wake() with no wait in flight ends the next one", async () => {
  await using socket = openBound();
  await using poller = new Poller([socket]);
  poller.wake();
  await poller.wait();
});

Deno.test("several waiters share one wait", async () => {
  await using sender = openBound();
  await using socket = openBound();
  await using poller = new Poller([socket]);
  const first = poller.wait();
  const second = poller.wait();
  assert(first === second);
  sender.send(new Uint8Array([1]), socket.portId);
  await Promise.all([first, second]);
  const third = poller.wait();
  assert(third !== first);
  await third;
});

Deno.test("a socket closed during a wait is closed at once, and wake() still ends the wait", async () => {
  const socket = openBound();
  await using poller = new Poller([socket]);
  const { descriptor } = socket;
  const inode = inodeOf(descriptor);
  assertNotEquals(inode, undefined);
  let over = false;
  const waiting = poller.wait().then(() => over = true);
  await turns();
  await socket.close();
  assertNotEquals(inodeOf(descriptor), inode);
  await turns();
  assertEquals(over, false, "nothing has arrived");
  poller.wake();
  await waiting;
});

Deno.test("more pollers wait at the same time than Deno's pool has threads", async () => {
  await using sender = openBound();
  await using stack = new AsyncDisposableStack();
  const all = Array.from({ length: 300 }, () => {
    const socket = stack.use(openBound());
    return { socket, poller: stack.use(new Poller([socket])) };
  });
  const over = new Set<number>();
  const waits = all.map(({ poller }, index) => poller.wait().then(() => over.add(index)));
  // One at a time, each behind all those that wait on: from the last on.
  for (const index of all.keys().toArray().reverse()) {
    sender.send(new Uint8Array([1]), all[index]!.socket.portId);
    await waits[index];
    if (index >= 299 - 3) assertEquals(over.size, 300 - index);
  }
  assertEquals(over.size, 300);
  void all.map(({ poller, socket }) => (socket.receive(new Uint8Array(4)), poller.wait()));
  // What else needs a thread of the pool gets one.
  await Deno.stat(".");
});

Deno.test("closing a poller ends its wait, and a later wait returns at once", async () => {
  await using socket = openBound();
  const poller = new Poller([socket]);
  const waiting = poller.wait();
  await turns();
  await poller.close();
  await waiting;
  await poller.wait();
  poller.wake();
  await poller.close();
});

Deno.test("an idle wait uses no CPU", async () => {
  await using socket = openBound();
  await using poller = new Poller([socket]);
  const idle = async () => {
    const waiting = poller.wait();
    await delay(300);
    poller.wake();
    await waiting;
  };
  assertLess(await leastCpuMs(idle), 30);
});
