import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { ERRNO, lastErrno } from "../../ffi/errno.ts";
import {
  NETLINK_NO_ENOBUFS,
  NETLINK_USERSOCK,
  NetlinkSocket,
  NOTHING_QUEUED,
  SO_RCVBUF,
  SOL_NETLINK,
  SOL_SOCKET,
} from "../../ffi/netlink_socket.ts";
import { NetlinkError } from "../../src/errors.ts";

/** A multicast group of NETLINK_USERSOCK that is otherwise unused. */
const GROUP = 1 << 27;

/** An invalid protocol number (`MAX_LINKS` is 32, linux/netlink.h). */
const NO_PROTOCOL = 255;

/** Joining a group takes CAP_NET_ADMIN. */
const needsRight = { ignore: !await mayJoin() };

async function mayJoin(): Promise<boolean> {
  await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
  try {
    socket.bind(GROUP);
    return true;
  } catch {
    return false;
  }
}

function openBound(groups = 0): NetlinkSocket {
  const socket = NetlinkSocket.open(NETLINK_USERSOCK);
  socket.bind(groups);
  return socket;
}

/**
 * Sends to a group. The kernel reports that port id 0 has no receiver; the datagram arrives all the
 * same.
 */
function multicast(socket: NetlinkSocket, bytes: Uint8Array<ArrayBuffer>, groups: number): void {
  const error = assertThrows(() => socket.send(bytes, 0, groups), NetlinkError);
  assertEquals(error.code, "ECONNREFUSED");
}

Deno.test("a netlink socket receives what another socket sends to its port id", async () => {
  await using a = openBound();
  await using b = openBound();
  a.send(new Uint8Array([1, 2, 3, 4, 5]), b.portId);
  const buffer = new Uint8Array(16);
  assertEquals(b.receive(buffer), 5);
  assertEquals([...buffer.subarray(0, 6)], [1, 2, 3, 4, 5, 0]);
});

Deno.test("a netlink socket returns the port id of the sender", async () => {
  await using a = openBound();
  await using b = openBound();
  await using c = openBound();
  assertNotEquals(a.portId, b.portId);
  const buffer = new Uint8Array(16);
  for (const sender of [a, b, a]) {
    sender.send(new Uint8Array(4), c.portId);
    c.receive(buffer);
    assertEquals(c.senderPortId, sender.portId);
  }
});

Deno.test("a netlink socket with an empty queue does not wait", async () => {
  await using a = openBound();
  await using b = openBound();
  const buffer = new Uint8Array(16);
  assertEquals(b.receive(buffer), NOTHING_QUEUED);
  a.send(new Uint8Array(4), b.portId);
  assertEquals(b.receive(buffer), 4);
  assertEquals(b.receive(buffer), NOTHING_QUEUED);
});

Deno.test("a datagram larger than the buffer is truncated, and its own length is returned", async () => {
  await using a = openBound();
  await using b = openBound();
  a.send(Uint8Array.from({ length: 100 }, (_, index) => index), b.portId);
  a.send(new Uint8Array([7]), b.portId);
  const buffer = new Uint8Array(16).fill(0xff);
  assertEquals(b.receive(buffer.subarray(0, 10)), 100);
  assertEquals([...buffer.subarray(8)], [8, 9, 255, 255, 255, 255, 255, 255]);
  assertEquals(b.receive(buffer), 1, "the rest of the cut datagram is gone");
  assertEquals(buffer[0], 7);
});

Deno.test("a netlink socket receives straight into shared memory", async () => {
  await using a = openBound();
  await using b = openBound();
  a.send(new Uint8Array([9, 8, 7]), b.portId);
  const shared = new Uint8Array(new SharedArrayBuffer(64));
  assertEquals(b.receive(shared.subarray(32)), 3);
  assertEquals([...shared.subarray(31, 36)], [0, 9, 8, 7, 0]);
});

Deno.test("a netlink socket keeps many datagrams in order", async () => {
  await using a = openBound();
  await using b = openBound();
  const buffer = new Uint8Array(256);
  let sent = 0;
  let received = 0;
  // A sender to a full socket would wait for ever: a hundred at a time fit any.
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 100; i++, sent++) {
      a.send(new Uint8Array(1 + sent % 200).fill(sent), b.portId);
    }
    for (let i = 0; i < 100; i++, received++) {
      assertEquals(b.receive(buffer), 1 + received % 200);
      assertEquals(buffer[received % 200], received & 0xff);
    }
  }
  assertEquals(b.receive(buffer), NOTHING_QUEUED);
});

Deno.test(
  "a multicast datagram reaches the sockets of its group and no others (needs CAP_NET_ADMIN)",
  needsRight,
  async () => {
    await using sender = openBound();
    await using member = openBound(GROUP);
    await using both = openBound(GROUP | GROUP << 1);
    await using other = openBound(GROUP << 1);
    multicast(sender, new Uint8Array([42]), GROUP);
    const buffer = new Uint8Array(16);
    assertEquals([member, both, other].map((socket) => socket.receive(buffer)), [
      1,
      1,
      NOTHING_QUEUED,
    ]);
    assertEquals(both.senderPortId, sender.portId);
  },
);

Deno.test(
  "received and dropped datagrams of a full socket add up to what was sent (needs CAP_NET_ADMIN)",
  needsRight,
  async () => {
    await using sender = openBound();
    await using member = openBound(GROUP << 2);
    assert(member.setOption(SOL_SOCKET, SO_RCVBUF, 8192));
    assert(member.setOption(SOL_NETLINK, NETLINK_NO_ENOBUFS, 1));
    assertEquals(member.drops, 0);
    for (let i = 0; i < 500; i++) multicast(sender, new Uint8Array(100), GROUP << 2);
    let received = 0;
    const buffer = new Uint8Array(128);
    while (member.receive(buffer) !== NOTHING_QUEUED) received++;
    assert(received > 0 && received < 500, `${received} of 500`);
    assertEquals(received + member.drops, 500);
  },
);

Deno.test(
  "a full socket without NETLINK_NO_ENOBUFS throws ENOBUFS, then hands out the rest (needs CAP_NET_ADMIN)",
  needsRight,
  async () => {
    await using sender = openBound();
    await using member = openBound(GROUP << 3);
    assert(member.setOption(SOL_SOCKET, SO_RCVBUF, 8192));
    for (let i = 0; i < 500; i++) multicast(sender, new Uint8Array(100), GROUP << 3);
    const buffer = new Uint8Array(128);
    const error = assertThrows(() => member.receive(buffer), NetlinkError);
    assertEquals(error.code, "ENOBUFS");
    assertEquals(error.message, "Cannot receive from a netlink socket: no buffer space (ENOBUFS)");
    assertEquals(member.receive(buffer), 100);
  },
);

Deno.test("an option that the kernel took can be read back; the kernel doubles SO_RCVBUF", async () => {
  await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
  assert(socket.setOption(SOL_SOCKET, SO_RCVBUF, 50_000));
  assertEquals(socket.getOption(SOL_SOCKET, SO_RCVBUF), 100_000);
});

Deno.test("an option that the kernel refuses returns false and leaves errno", async () => {
  await using socket = NetlinkSocket.open(NETLINK_USERSOCK);
  assertEquals(socket.setOption(SOL_NETLINK, 9999, 1), false);
  assertEquals(lastErrno(), ERRNO.ENOPROTOOPT);
});

Deno.test("a netlink protocol that is not there is a NetlinkError with its number, name and origin", () => {
  const error = assertThrows(() => NetlinkSocket.open(NO_PROTOCOL), NetlinkError);
  assertEquals(
    error.message,
    "Cannot open a netlink socket: protocol not supported (EPROTONOSUPPORT)",
  );
  const { operation, errno, code, origin } = error;
  assertEquals({ operation, errno, code, origin }, {
    operation: "open a netlink socket",
    errno: 93,
    code: "EPROTONOSUPPORT",
    origin: "syscall",
  });
});

Deno.test("a datagram to an unused port id is a NetlinkError", async () => {
  await using a = openBound();
  const gone = openBound();
  const { portId } = gone;
  await gone.close();
  const error = assertThrows(() => a.send(new Uint8Array(4), portId), NetlinkError);
  assertEquals(error.code, "ECONNREFUSED");
});

Deno.test("a closed netlink socket touches no descriptor any more", async () => {
  const socket = openBound();
  await socket.close();
  await socket.close();
  const error = assertThrows(() => socket.receive(new Uint8Array(4)), NetlinkError);
  assertEquals(error.code, "EBADF");
});
