import { assertEquals } from "@std/assert";
import { linkDumpRequest, readLink, RTM_NEWLINK } from "../../src/netlink/link.ts";
import { readMessages } from "../../src/netlink/message.ts";
import { concat, hex } from "../packet/sample.ts";

/** `struct ifinfomsg` of interface 2. */
const IFINFOMSG = hex(`
  00 00          # ifi_family, padding
  0100           # ifi_type: ARPHRD_ETHER
  02000000       # ifi_index
  43100100       # ifi_flags
  00000000       # ifi_change`);

/** `IFLA_IFNAME`: "eth0" and its NUL. */
const IFNAME = hex("0900 0300 65746830 00 000000");

function newLink(...attributes: Uint8Array[]) {
  return {
    type: RTM_NEWLINK,
    flags: 0,
    sequence: 0,
    payload: concat(IFINFOMSG, ...attributes),
  };
}

Deno.test("linkDumpRequest() asks for all interfaces", () => {
  assertEquals(
    linkDumpRequest(7),
    hex(`
      20000000       # nlmsg_len: 16 + 16
      1200           # nlmsg_type: RTM_GETLINK
      0103           # nlmsg_flags: NLM_F_REQUEST | NLM_F_DUMP
      07000000       # nlmsg_seq
      00000000       # nlmsg_pid
      00000000 00000000 00000000 00000000 # struct ifinfomsg: any interface`),
  );
});

Deno.test("readLink() reads index and name of a message from the wire", () => {
  const datagram = concat(
    hex("2c000000 1000 0200 07000000 00000000"), // 44 bytes, RTM_NEWLINK, NLM_F_MULTI, 7
    IFINFOMSG,
    IFNAME,
  );
  assertEquals([...readMessages(datagram)].map(readLink), [{
    index: 2,
    name: "eth0",
    isUp: true,
  }]);
});

Deno.test("readLink() passes over the attributes in front of the name", () => {
  const mtu = hex("0800 0400 dc050000");
  assertEquals(readLink(newLink(mtu, IFNAME, mtu)), { index: 2, name: "eth0", isUp: true });
});

Deno.test("readLink() takes a name without its NUL", () => {
  assertEquals(readLink(newLink(hex("0800 0300 65746830"))), {
    index: 2,
    name: "eth0",
    isUp: true,
  });
});

Deno.test("readLink() ends a name at its first NUL", () => {
  assertEquals(readLink(newLink(hex("0800 0300 6c6f 00 78"))), {
    index: 2,
    name: "lo",
    isUp: true,
  });
});

Deno.test("readLink() returns whether an interface is up", () => {
  const down = newLink(IFNAME);
  down.payload[8]! &= ~1;
  assertEquals(readLink(down)?.isUp, false);
});

Deno.test("readLink() ignores a message without a name, of another type, or too short", () => {
  assertEquals(readLink(newLink()), undefined);
  assertEquals(readLink(newLink(hex("0800 0400 dc050000"))), undefined);
  assertEquals(readLink({ ...newLink(IFNAME), type: 17 }), undefined); // RTM_DELLINK
  for (let length = 0; length < 16; length++) {
    assertEquals(readLink({ ...newLink(), payload: IFINFOMSG.slice(0, length) }), undefined);
  }
});
