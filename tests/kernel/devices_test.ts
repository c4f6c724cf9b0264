import { assertEquals } from "@std/assert";
import { hasProgram, must, temporaryFolder } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { HAS_VETH, HERE, openPeer, THERE } from "./peer.ts";
import { captureSoon, takeOne, udpProgram } from "./traffic.ts";

const needsVeth = { ignore: !HAS_NFT || !HAS_VETH };

/** Makes a packet for the peer sendable without an answer to ARP. */
const NEIGHBOUR = ["ip", "neigh", "replace", THERE.address, "lladdr", THERE.link, "dev"];

Deno.test(
  "a packet from the link has its sender's address and its link header (needs nft, veth)",
  needsVeth,
  async () => {
    await using peer = await openPeer();
    await using _rules = await nft([["input", "udp dport 9 log group 201"]]);
    await using packets = await captureSoon({ group: 201 });
    await peer.must(udpProgram(HERE.address));
    const packet = await takeOne(packets);
    assertEquals(packet.hardwareAddress, THERE.link);
    assertEquals(packet.hardwareType, 1);
    // deno-fmt-ignore
    assertEquals([...packet.hardwareHeader!], [
    2, 0, 0, 0, 0, 1, // to
    2, 0, 0, 0, 0, 2, // from
    0x08, 0x00, // IPv4
  ]);
    assertEquals([packet.inDev?.name, packet.outDev], [HERE.device, undefined]);
    assertEquals(packet.ip?.source, THERE.address);
  },
);

Deno.test(
  "a packet at output has no link header yet (needs nft, veth)",
  needsVeth,
  async () => {
    await using _peer = await openPeer();
    await using _rules = await nft([["output", "udp dport 9 log group 202"]]);
    await using packets = await captureSoon({ group: 202 });
    await must([...NEIGHBOUR, HERE.device]);
    await must(udpProgram(THERE.address));
    const { hardwareAddress, hardwareHeader, hardwareType, outDev } = await takeOne(packets);
    assertEquals([hardwareAddress, hardwareHeader, hardwareType], [
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals(outDev?.name, HERE.device);
  },
);

Deno.test(
  "a forwarded packet has hook 2 and both devices (needs nft, veth)",
  needsVeth,
  async () => {
    await using peer = await openPeer();
    await using _rules = await nft([["forward", "udp dport 9 log group 203"]]);
    await using packets = await captureSoon({ group: 203 });
    await must(["sh", "-ec", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
    await must(["ip", "route", "add", "10.99.2.0/24", "dev", HERE.device]);
    await peer.must(["ip", "route", "add", "10.99.2.0/24", "via", HERE.address]);
    await peer.must(udpProgram("10.99.2.1"));
    const packet = await takeOne(packets);
    assertEquals(packet.hook, 2);
    assertEquals([packet.inDev?.name, packet.outDev?.name], [HERE.device, HERE.device]);
    assertEquals(packet.ip?.destination, "10.99.2.1");
  },
);

Deno.test(
  "a renamed device is reported with its new name (needs nft, veth)",
  needsVeth,
  async () => {
    await using peer = await openPeer();
    await using _rules = await nft([["input", "udp dport 9 log group 204 queue-threshold 1"]]);
    await using packets = await captureSoon({ group: 204 });
    await peer.must(udpProgram(HERE.address));
    const before = (await takeOne(packets)).inDev!;
    assertEquals(before.name, HERE.device);
    await must(["sh", "-ec", `ip link set ${HERE.device} down name nfsnew up`]);
    await peer.must(udpProgram(HERE.address));
    const after = (await takeOne(packets)).inDev!;
    assertEquals([after.index, after.name], [before.index, "nfsnew"]);
    await must(["ip", "link", "del", "nfsnew"]);
  },
);

Deno.test(
  "a packet keeps the name of a device that was deleted in the meantime (needs nft, veth)",
  needsVeth,
  async () => {
    await using peer = await openPeer();
    await using _rules = await nft([["input", "udp dport 9 log group 205"]]);
    await using packets = await captureSoon({ group: 205, queueTimeoutMs: 3_600_000 });
    await peer.must(udpProgram(HERE.address));
    // The kernel collects further packets, and the device is deleted.
    await must(["ip", "link", "del", HERE.device]);
    await must(["nft", "add rule inet nfscribe c0 udp dport 10 log group 205 queue-threshold 1"]);
    await must(udpProgram("127.0.0.1", 10));
    const packet = await takeOne(packets);
    assertEquals(packet.inDev?.name, HERE.device);
    assertEquals((await takeOne(packets)).inDev?.name, "lo");
    assertEquals(packet.inDev?.name, HERE.device);
  },
);

Deno.test(
  "a device that was added while the program was busy is reported with its name (needs nft, veth)",
  needsVeth,
  async () => {
    await using _rules = await nft([["input", "udp dport 9 log group 206 queue-threshold 1"]]);
    await using packets = await captureSoon({ group: 206 });
    // Nothing is read until the device exists and its packet was logged.
    await using peer = await openPeer();
    await peer.must(udpProgram(HERE.address));
    assertEquals((await takeOne(packets)).inDev?.name, HERE.device);
  },
);

/** Returns a pcap file with one Ethernet frame: VLAN 5, priority 3, UDP to port 9. */
function taggedFrame(): Uint8Array<ArrayBuffer> {
  // deno-fmt-ignore
  const frame = [
    2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, // to, from
    0x81, 0x00, 0x70, 0x05, // 802.1Q: priority 3, drop eligible, VLAN 5
    0x08, 0x00, // IPv4
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
    0, 9, 0, 9, 0, 8, 0, 0, // UDP
  ];
  const bytes = new Uint8Array(24 + 16 + frame.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 65535, true);
  view.setUint32(20, 1, true); // LINKTYPE_ETHERNET
  view.setUint32(32, frame.length, true);
  view.setUint32(36, frame.length, true);
  bytes.set(frame, 40);
  return bytes;
}

Deno.test(
  "a netdev rule reports the VLAN tag that the device removed (needs nft, veth, tcpreplay)",
  {
    ignore: !HAS_NFT || !HAS_VETH || !hasProgram("tcpreplay"),
  },
  async () => {
    await using folder = await temporaryFolder();
    await Deno.writeFile(`${folder.path}/vlan.pcap`, taggedFrame());
    await must(["ip", "link", "add", "nfsa", "type", "veth", "peer", "name", "nfsb"]);
    try {
      await must(["sh", "-ec", "ip link set nfsa up; ip link set nfsb up"]);
      await using _rules = await nft(
        [["ingress device nfsb", "vlan id 5 log prefix tagged group 207"]],
        "netdev",
      );
      await using packets = await captureSoon({ group: 207 });
      await must(["tcpreplay", "-q", "-i", "nfsa", `${folder.path}/vlan.pcap`]);
      const packet = await takeOne(packets);
      assertEquals([packet.family, packet.hook, packet.prefix], [5, 0, "tagged"]);
      assertEquals(packet.vlan, { protocol: 0x8100, id: 5, priority: 3, dropEligible: true });
      assertEquals(packet.inDev?.name, "nfsb");
      assertEquals(packet.ip?.source, "192.0.2.1");
      assertEquals(packet.udp?.destinationPort, 9);
      assertEquals([...packet.hardwareHeader!.subarray(0, 12)], [
        ...taggedFrame().subarray(40, 52),
      ]);
    } finally {
      await must(["ip", "link", "del", "nfsa"]);
    }
  },
);

Deno.test(
  "a netdev rule reports no VLAN tag of an untagged packet (needs nft, veth)",
  needsVeth,
  async () => {
    await using peer = await openPeer();
    await using _rules = await nft(
      [[`ingress device ${HERE.device}`, "udp dport 9 log group 208"]],
      "netdev",
    );
    await using packets = await captureSoon({ group: 208 });
    await peer.must(udpProgram(HERE.address));
    const { family, vlan, hardwareHeader } = await takeOne(packets);
    assertEquals([family, vlan, hardwareHeader?.length], [5, undefined, 14]);
  },
);
