import { assertEquals } from "@std/assert";
import { hex } from "../../packet/sample.ts";
import { decodeAll } from "./sample.ts";

/** Two packets and the end of the datagram, written by hand after the kernel's headers. */
const DATAGRAM = hex(`
  # --- first message: struct nlmsghdr (linux/netlink.h), host order ---
  dc 00 00 00              # nlmsg_len: 220
  00 04                    # nlmsg_type: NFNL_SUBSYS_ULOG 4, NFULNL_MSG_PACKET 0
  02 00                    # nlmsg_flags: NLM_F_MULTI
  00 00 00 00              # nlmsg_seq
  00 00 00 00              # nlmsg_pid: the kernel
  # struct nfgenmsg (linux/netfilter/nfnetlink.h)
  07                       # nfgen_family: NFPROTO_BRIDGE
  00                       # version
  00 01                    # res_id: group 1, network order
  # attributes: nla_len and nla_type in host order, values in network order
  08 00 01 00  08 00 02 00                # PACKET_HDR: IPv4, forward, padding
  0a 00 0a 00  70 69 6e 67 20 00  00 00   # PREFIX: "ping ", NUL, padding
  08 00 04 00  00 00 00 02                # IFINDEX_INDEV: 2
  08 00 05 00  00 00 00 07                # IFINDEX_OUTDEV: 7
  08 00 06 00  00 00 00 08                # IFINDEX_PHYSINDEV: 8
  08 00 07 00  00 00 00 09                # IFINDEX_PHYSOUTDEV: 9
  08 00 02 00  00 00 00 2a                # MARK: 42
  06 00 0f 00  00 01 00 00                # HWTYPE: ARPHRD_ETHER, padding
  06 00 11 00  00 0e 00 00                # HWLEN: 14, padding
  12 00 10 00  02 00 5e 10 00 02 02 00    # HWHEADER: to 02:00:5e:10:00:02,
               5e 10 00 01 08 00  00 00   #   from 02:00:5e:10:00:01, IPv4, padding
  10 00 08 00  00 06 00 00                # HWADDR: 6 bytes, padding
               02 00 5e 10 00 01 00 00    #   of 8
  14 00 03 00  00 00 00 00 6b 03 d6 fc    # TIMESTAMP: 1795413756 s
               00 00 00 00 00 01 e2 40    #   123456 us
  14 00 14 80                             # VLAN, NLA_F_NESTED
    06 00 01 00  81 00  00 00             #   PROTO: 802.1Q, padding
    06 00 02 00  60 64  00 00             #   TCI: priority 3, VLAN 100, padding
  08 00 0c 00  00 00 00 00                # SEQ: 0
  08 00 0d 00  00 00 00 4d                # SEQ_GLOBAL: 77
  20 00 09 00                             # PAYLOAD: 28 bytes
    45 00 00 54  00 00 40 00  40 01 00 00 #   IPv4, 84 bytes, ICMP
    c0 00 02 01  c6 33 64 02              #   192.0.2.1 > 198.51.100.2
    08 00 00 00  00 07 00 09              #   echo request, id 7, sequence 9

  # --- second message: a local packet, as few attributes as there can be ---
  4c 00 00 00  00 04  02 00  00 00 00 00  00 00 00 00
  0a 00 00 01                             # NFPROTO_IPV6, group 1
  08 00 01 00  86 dd 03 00                # PACKET_HDR: IPv6, output
  05 00 0a 00  00 00 00 00                # PREFIX: empty, NUL, padding
  08 00 0b 00  00 00 03 e8                # UID: 1000
  08 00 0e 00  00 00 03 e9                # GID: 1001
  08 00 0c 00  00 00 00 01                # SEQ: 1
  0d 00 09 00  60 00 00 00 00 10 3a 40 ff # PAYLOAD: 9 bytes of an IPv6 header,
               00 00 00                   #   padding

  # --- NLMSG_DONE ---
  14 00 00 00  03 00  02 00  00 00 00 00  00 00 00 00
  00 00 00 00
`);

Deno.test("A datagram written by hand after the kernel's headers is decoded field by field", () => {
  const [packet, local, ...more] = decodeAll(DATAGRAM);
  assertEquals(more, []);

  assertEquals(packet?.family, 7);
  assertEquals(packet?.hwProtocol, 0x0800);
  assertEquals(packet?.hook, 2);
  assertEquals(packet?.prefix, "ping ");
  assertEquals([packet?.inDev?.index, packet?.inDev?.name], [2, "eth0"]);
  assertEquals([packet?.outDev?.index, packet?.outDev?.name], [7, undefined]);
  assertEquals(packet?.physInDev?.index, 8);
  assertEquals(packet?.physOutDev?.index, 9);
  assertEquals(packet?.mark, 42);
  assertEquals(packet?.hardwareType, 1);
  assertEquals(packet?.hardwareHeader, hex("02005e100002 02005e100001 0800"));
  assertEquals(packet?.hardwareAddress, "02:00:5e:10:00:01");
  assertEquals(packet?.timestamp, 1_795_413_756_123_456);
  assertEquals(packet?.vlan, { protocol: 0x8100, id: 100, priority: 3, dropEligible: false });
  assertEquals([packet?.seq, packet?.seqGlobal], [0, 77]);
  assertEquals([packet?.uid, packet?.gid], [undefined, undefined]);
  assertEquals(packet?.payload?.length, 28);
  assertEquals(packet?.originalLength, 84);
  assertEquals([packet?.ip?.source, packet?.ip?.destination], ["192.0.2.1", "198.51.100.2"]);
  assertEquals([packet?.icmp?.identifier, packet?.icmp?.sequenceNumber], [7, 9]);
  assertEquals(
    String(packet),
    '2026-11-23T06:02:36.123456Z forward in=eth0 out=7 "ping " mark=0x2a vlan=100 ' +
      "192.0.2.1 > 198.51.100.2 ICMP echo request id=7 seq=9 length=84 captured=28",
  );

  assertEquals(local?.family, 10);
  assertEquals([local?.hwProtocol, local?.hook, local?.prefix], [0x86dd, 3, ""]);
  assertEquals([local?.uid, local?.gid], [1000, 1001]);
  assertEquals([local?.mark, local?.vlan, local?.timestamp], [undefined, undefined, undefined]);
  assertEquals([local?.hardwareAddress, local?.hardwareHeader], [undefined, undefined]);
  assertEquals([local?.inDev, local?.outDev], [undefined, undefined]);
  assertEquals([local?.physInDev, local?.physOutDev], [undefined, undefined]);
  assertEquals(local?.time, 1_700_000_000_500_000); // time of receipt
  assertEquals(local?.payload, hex("60 00 00 00 00 10 3a 40 ff"));
  assertEquals([local?.ip, local?.originalLength], [undefined, 56]);
});
