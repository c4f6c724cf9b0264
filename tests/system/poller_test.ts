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

Deno.test("a wait ends when its time is up", async () => {
  await using socket = openBound();
  await using poller = new Poller([socket]);
  const start = performance.now();
  await poller.wait(50);
  assert(performance.now() - start >= 49);
});

Deno.test("several waiters share one poll", async () => {
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

Deno.test("a socket closed during a poll keeps its descriptor until the poll is over", async () => {
  const socket = openBound();
  await using poller = new Poller([socket]);
  const { descriptor } = socket;
  const inode = inodeOf(descriptor);
  assertNotEquals(inode, undefined);
  const order: string[] = [];
  const waiting = poller.wait().then(() => order.push("poll over"));
  const closing = socket.close().then(() => order.push("closed"));
  await turns();
  assertEquals(order, []);
  assertEquals(inodeOf(descriptor), inode, "the descriptor was closed under the poll");
  poller.wake();
  await Promise.all([waiting, closing]);
  assertEquals(order, ["poll over", "closed"]);
  assertNotEquals(inodeOf(descriptor), inode);
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
  assertLess(await leastCpuMs(() => poller.wait(300)), 30);
});
