import { checkOutputs } from "../../../src/config/outputs.ts";
import type { ConfigProblem } from "../../../src/errors.ts";
import { outputs } from "../../../src/output/outputs.ts";
import { assertEquals } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import { LOG_OPTIONS, type LogOption } from "../../../src/output/lines/options.ts";
import { logemuProblems } from "../../../src/output/logemu/options.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { concat, hex, ipv4, ipv6, rawPacket } from "../../packet/sample.ts";

const INTERFACES = new InterfaceTable().with([[2, "eth0"]]);
const TCP = hex("0016 0050 00000001 fffffffe 7002 0100 0000 0000 0204 05b4 0101 0402");

/** Returns a line of the kernel's dialect, after the host. */
function lineOf(packet: RawPacket, logOptions: readonly LogOption[]): string {
  const encoder = new LogemuEncoder({
    dialect: "kernel",
    logOptions,
    timeFormat: "syslog",
    hostname: "gate",
  });
  const out = new Uint8Array(4096);
  const line = new TextDecoder().decode(out.subarray(0, encoder.encode(packet, out, 0)));
  return line.slice(line.indexOf("kernel: ") + 8, -1);
}

/** Returns a packet with an Ethernet header. */
function packetOf(payload: Uint8Array, fields: Partial<RawPacket>): RawPacket {
  const header = hex("02005e100001 02005e100002 0800");
  return rawPacket(concat(header, payload), {
    payloadOffset: header.length,
    payloadLength: payload.length,
    interfaces: INTERFACES,
    ...fields,
  });
}

const ETHERNET = { family: 2, inDev: 2, hwType: 1, hwHeaderOffset: 0, hwHeaderLength: 14 };
const IN = packetOf(ipv4(6, TCP), { ...ETHERNET, vlanProtocol: 0x8100, vlanTci: 0x2005 });
const MAC = "MAC=02:00:5e:10:00:01:02:00:5e:10:00:02:08:00 ";
const DECODED = "MACSRC=02:00:5e:10:00:02 MACDST=02:00:5e:10:00:01 ";
const IP = "SRC=192.0.2.1 DST=198.51.100.2 LEN=48 TOS=0x00 PREC=0x00 TTL=64 ID=4660 PROTO=TCP " +
  "SPT=22 DPT=80 ";
const REST = "WINDOW=256 RES=0x00 SYN URGP=0 ";
const OPTIONS = ipv4(17, hex("0016 0050 0008 0000"), { options: hex("94040000") });
const OUT = packetOf(OPTIONS, { family: 2, outDev: 2, uid: 1000, gid: 4294967295, mark: 1 });
const OUT_IP = "IN= OUT=eth0 SRC=192.0.2.1 DST=198.51.100.2 LEN=32 TOS=0x00 PREC=0x00 TTL=64 " +
  "ID=4660 ";
const UDP = "PROTO=UDP SPT=22 DPT=80 LEN=8 ";
const CHAIN = concat(
  hex("2c00 0104 0000 0000"),
  hex("3300 0001 01020304"),
  hex("3201 0000 000000ff 0000 0000"),
  hex("deadbeef 00000001"),
);
const IPV6 = packetOf(ipv6(60, CHAIN), { family: 10, outDev: 2 });
const IPV6_HEAD = "IN= OUT=eth0 SRC=2001:0db8:0000:0000:0000:0000:0000:0001 " +
  "DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=76 TC=0 HOPLIMIT=64 FLOWLBL=0 ";
const ARP = hex("0001 0800 06 04 0001 02005e100002 c0000202 000000000000 c0000209");
const ARP_TEXT = "ARP HTYPE=1 PTYPE=0x0800 OPCODE=1 MACSRC=02:00:5e:10:00:02 IPSRC=192.0.2.2 " +
  "MACDST=00:00:00:00:00:00 IPDST=192.0.2.9";

const LINES: readonly [options: LogOption[], packet: RawPacket, line: string][] = [
  [[], IN, `IN=eth0 OUT= ${MAC}${IP}${REST}`],
  [["tcp-sequence"], IN, `IN=eth0 OUT= ${MAC}${IP}SEQ=1 ACK=4294967294 ${REST}`],
  [["tcp-options"], IN, `IN=eth0 OUT= ${MAC}${IP}${REST}OPT (020405B401010402) `],
  [["macdecode"], IN, `IN=eth0 OUT= ${DECODED}VPROTO=8100 VID=8197 MACPROTO=0800 ${IP}${REST}`],
  [["ip-options", "uid"], IN, `IN=eth0 OUT= ${MAC}${IP}${REST}`],
  [[], OUT, `${OUT_IP}${UDP}MARK=0x1 `],
  [["uid"], OUT, `${OUT_IP}${UDP}UID=1000 GID=4294967295 MARK=0x1 `],
  [["ip-options"], OUT, `${OUT_IP}OPT (94040000) ${UDP}MARK=0x1 `],
  [[], IPV6, `${IPV6_HEAD}FRAG:0 INCOMPLETE ID:01020304 `],
  [
    ["ip-options"],
    IPV6,
    `${IPV6_HEAD}OPT ( ) OPT ( FRAG:0 INCOMPLETE ID:01020304 ) OPT ( AH SPI=0xff ) ` +
    "OPT ( ESP SPI=0xdeadbeef )",
  ],
  [
    ["macdecode"],
    packetOf(ARP, { ...ETHERNET, family: 3 }),
    `IN=eth0 OUT= ${DECODED}MACPROTO=0800 ${ARP_TEXT}`,
  ],
];

for (const [index, [options, packet, line]] of LINES.entries()) {
  Deno.test(`the kernel's dialect with ${options.join(" and ") || "no option"} prints line ${index}`, () => {
    assertEquals(lineOf(packet, options), line);
  });
}

Deno.test("the kernel's dialect cuts options that were not captured", () => {
  const tcp = packetOf(ipv4(6, TCP.subarray(0, 24)), { family: 2, outDev: 2, mark: 1 });
  assertEquals(lineOf(tcp, ["tcp-options"]).slice(-22), "URGP=0 OPT (TRUNCATED)");
  const cut = packetOf(OPTIONS.subarray(0, 22), { family: 2, outDev: 2, mark: 1 });
  assertEquals(lineOf(cut, ["ip-options"]), `${OUT_IP}TRUNCATED`);
});

Deno.test("the kernel's dialect prints IPv4 after a link header as the kernel does", () => {
  const frame = concat(hex("02005e100001 02005e100002 0800"), OPTIONS);
  const packet = rawPacket(frame, {
    ...{ family: 5, hook: 1, outDev: 2, hwProtocol: 0x0800, uid: 1000, gid: 1, mark: 1 },
    ...{ l2HeaderOffset: 0, l2HeaderLength: 14, payloadOffset: 0, payloadLength: frame.length },
    interfaces: INTERFACES,
  });
  assertEquals(lineOf(packet, ["uid", "macdecode"]), `${OUT_IP}${UDP}`);
});

Deno.test("the kernel's dialect prints 1016 characters at the most", () => {
  const headers = Array.from({ length: 100 }, () => hex("2c00 0001 01020304"));
  const packet = packetOf(ipv6(44, concat(...headers)), { family: 10, outDev: 2 });
  for (const options of [[], LOG_OPTIONS]) assertEquals(lineOf(packet, options).length, 1016);
});

Deno.test("logemuProblems() names log_options of another dialect", () => {
  const path = "x";
  assertEquals(logemuProblems({ path, dialect: "kernel", logOptions: ["uid"] }), []);
  assertEquals(logemuProblems({ path, dialect: "ulogd2", logOptions: [] }), []);
  assertEquals(logemuProblems({ path, dialect: "ulogd2", logOptions: ["uid"] }), [{
    key: "log_options",
    message: 'is for the lines of the kernel only; add dialect = "kernel", or leave it out',
  }]);
});

Deno.test("log_options of a configuration are checked, and reach the sandbox", () => {
  const table = { path: "t.log", hostname: "gate", log_options: ["uid"] };
  const problems: ConfigProblem[] = [];
  checkOutputs({ logemu: table }, problems);
  assertEquals(problems.map(({ key }) => key), ["output.logemu.log_options"]);
  const [part] = checkOutputs({ logemu: { ...table, dialect: "kernel" } }, []);
  assertEquals(outputs.logemu!.sandboxOptions(part!.options).logOptions, ["uid"]);
});
