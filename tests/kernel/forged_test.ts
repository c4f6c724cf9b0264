import { assert, assertEquals, assertLess } from "@std/assert";
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from "../../ffi/netlink_socket.ts";
import { be16, be32, encodeAttributes } from "../../src/netlink/attribute.ts";
import { IFINFOMSG_SIZE, IFLA_IFNAME, readLink, RTM_NEWLINK } from "../../src/netlink/link.ts";
import { encodeMessage, readMessages } from "../../src/netlink/message.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import * as c from "../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { portIds } from "./port_ids.ts";
import { captureSoon, sendUdp, takeOne } from "./traffic.ts";

/** Result of `if_nametoindex("lo")` in any network namespace. */
const LOOPBACK_INDEX = 1;

/** Returns a message that looks like a packet of a group. */
function fakePacket(group: number, seq: number): Uint8Array<ArrayBuffer> {
  const attributes = encodeAttributes([
    { type: c.NFULA_PACKET_HDR, value: new Uint8Array([0x08, 0, 3, 0]) },
    { type: c.NFULA_PREFIX, value: new TextEncoder().encode("forged\0") },
    { type: c.NFULA_SEQ, value: be32(seq) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(28).fill(0x45, 0, 1) },
  ]);
  const payload = new Uint8Array(c.NFGENMSG_SIZE + attributes.length);
  payload.set([2, 0, ...be16(group)]);
  payload.set(attributes, c.NFGENMSG_SIZE);
  return encodeMessage({ type: c.NFULNL_MSG_PACKET, flags: 0, sequence: 0, payload });
}

/** Returns a message that renames loopback. */
function fakeLink(name: string): Uint8Array<ArrayBuffer> {
  const attribute = encodeAttributes([
    { type: IFLA_IFNAME, value: new TextEncoder().encode(`${name}\0`) },
  ]);
  const payload = new Uint8Array(IFINFOMSG_SIZE + attribute.length);
  new DataView(payload.buffer).setInt32(4, LOOPBACK_INDEX, true);
  payload.set(attribute, IFINFOMSG_SIZE);
  return encodeMessage({ type: RTM_NEWLINK, flags: 0, sequence: 0, payload });
}

Deno.test("the forged messages of these tests are well-formed", () => {
  const decoder = new NflogDecoder();
  const bytes = fakePacket(701, 0);
  decoder.begin(new Memory(bytes.buffer), 0, bytes.length, 0, 0);
  assert(decoder.next(new RawPacket(new InterfaceTable())));
  assertEquals([decoder.received, decoder.malformed], [1, 0]);
  const [link] = [...readMessages(fakeLink("evil"))];
  assertEquals(readLink(link!), { index: 1, name: "evil", isUp: false });
});

Deno.test(
  "packets forged by another process are counted as foreign and not delivered (needs nft)",
  {
    ignore: !HAS_NFT,
  },
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log prefix real group 701"]]);
    await using packets = await captureSoon({ group: 701 });
    const [portId, ...others] = portIds(NETLINK_NETFILTER);
    assertEquals(others, [], "only the capture has such a socket here");
    await using forger = NetlinkSocket.open(NETLINK_NETFILTER);
    forger.bind();
    for (let seq = 0; seq < 5; seq++) forger.send(fakePacket(701, seq), portId);
    sendUdp();
    forger.send(fakePacket(701, 9), portId);
    const packet = await takeOne(packets);
    assertEquals([packet.prefix, packet.seq], ["real", 0]);
    const waiting = packets.next();
    await until("all forged datagrams are counted", () => packets.stats.foreign === 6);
    assertEquals(packets.stats, { received: 1, lost: 0, malformed: 0, foreign: 6 });
    await packets.close();
    assertEquals((await waiting).done, true);
  },
);

Deno.test(
  "forged datagrams between small ones that are received together are left out (needs nft)",
  {
    ignore: !HAS_NFT,
  },
  async () => {
    await using _rules = await nft([["output", "udp dport 9 log group 703"]]);
    const options = { group: 703, copyRange: 100, bufferSize: 8_388_608, queueThreshold: 1 };
    await using reader = await NflogReader.open({ ...options, queueTimeoutMs: 10 }, () => {});
    const [portId] = portIds(NETLINK_NETFILTER);
    await using forger = NetlinkSocket.open(NETLINK_NETFILTER);
    forger.bind();
    for (let n = 0; n < 100; n++) {
      sendUdp(n % 7, 30 + n);
      forger.send(fakePacket(703, n), portId);
    }
    const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
    const decoder = new NflogDecoder();
    const packet = new RawPacket(reader.interfaces);
    const lengths: number[] = [];
    let datagrams = 0;
    for (let length; (length = reader.receive(memory.bytes)) !== NOTHING_QUEUED; datagrams++) {
      decoder.begin(memory, 0, length, 0, 0);
      while (decoder.next(packet)) lengths.push(packet.payloadLength);
    }
    const sent = Array.from({ length: 100 }, (_, n) => Array(n % 7).fill(Math.min(100, 58 + n)));
    assertEquals(lengths, sent.flat());
    assertEquals([decoder.lost, decoder.malformed, reader.foreign], [0, 0, 100]);
    assertLess(datagrams, lengths.length / 10);
  },
);

Deno.test("device names forged by another process are ignored (needs nft)", {
  ignore: !HAS_NFT,
}, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 702"]]);
  await using packets = await captureSoon({ group: 702 });
  const [portId] = portIds(NETLINK_ROUTE);
  await using forger = NetlinkSocket.open(NETLINK_ROUTE);
  forger.bind();
  forger.send(fakeLink("evil"), portId);
  for (let round = 0; round < 2; round++) {
    const waiting = takeOne(packets);
    sendUdp();
    assertEquals((await waiting).outDev?.name, "lo");
  }
});
