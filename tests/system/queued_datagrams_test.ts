import { assertEquals } from "@std/assert";
import { NetlinkSocket, NOTHING_QUEUED } from "../../ffi/netlink_socket.ts";
import { QueuedDatagrams } from "../../ffi/queued_datagrams.ts";
import { Random } from "../fuzz/random.ts";

/** `NETLINK_USERSOCK` (linux/netlink.h): between processes of one user. */
const NETLINK_USERSOCK = 2;
const LARGEST = 65_536;

Deno.test("datagrams come whole and in order, many small ones at a time and large ones between them", async () => {
  await using receiver = NetlinkSocket.open(NETLINK_USERSOCK);
  receiver.bind();
  await using sender = NetlinkSocket.open(NETLINK_USERSOCK);
  sender.bind();
  const queued = new QueuedDatagrams(receiver, LARGEST);
  const buffer = new Uint8Array(LARGEST);
  const random = new Random(1);
  let waited = 0;
  for (let round = 0; round < 50; round++) {
    const sent = Array.from(
      { length: 1 + random.below(70) },
      () => random.bytes(random.below(10) === 0 ? 5000 + random.below(1000) : 1 + random.below(90)),
    );
    for (const datagram of sent) sender.send(datagram, receiver.portId);
    for (const datagram of sent) {
      const length = queued.receive(buffer);
      assertEquals(buffer.slice(0, length), datagram);
      assertEquals(queued.senderPortId, sender.portId);
      waited += queued.waiting;
    }
    assertEquals([queued.receive(buffer), queued.waiting], [NOTHING_QUEUED, 0]);
  }
  assertEquals(waited > 0, true, "several datagrams were received at a time");
});

Deno.test("a datagram that does not fit is cut, and its length says so", async () => {
  await using receiver = NetlinkSocket.open(NETLINK_USERSOCK);
  receiver.bind();
  await using sender = NetlinkSocket.open(NETLINK_USERSOCK);
  sender.bind();
  const queued = new QueuedDatagrams(receiver, 1024);
  const buffer = new Uint8Array(1024);
  for (const size of [10, 3000, 10]) sender.send(new Uint8Array(size).fill(7), receiver.portId);
  assertEquals([10, 3000, 10].map(() => queued.receive(buffer)), [10, 3000, 10]);
});
