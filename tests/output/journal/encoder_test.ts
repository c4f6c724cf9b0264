import { assert, assertEquals, AssertionError } from "@std/assert";
import { flow } from "nfscribe/testing";
import { Flow } from "../../../src/flow/flow.ts";
import { JournalEncoder } from "../../../src/output/journal/encoder.ts";
import { FlowJournalEncoder } from "../../../src/output/journal/flow_encoder.ts";
import { journalProblems } from "../../../src/output/journal/options.ts";
import { endOfEntry } from "../../../src/output/remote/split.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { UNFIT } from "../../../src/record/encoder.ts";
import { Random } from "../../fuzz/random.ts";
import { INTERFACES, metadata, partsOf, place } from "../hostile_packets.ts";

const PACKETS = 50_000;
/** Interface 3 has a name that no kernel gives. */
const NAMES = INTERFACES.with([[3, "x\nPRIORITY=0\n\nMESSAGE=\u001b[2J\u2028"]]);
const OPTIONS = { dialect: "kernel", logOptions: [], identifier: "fw", session: "s" } as const;
/** C0, DEL, C1, marks of bidirectional text and line separators. */
// deno-lint-ignore no-control-regex
const STEERING = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]/;

Deno.test(`${PACKETS} hostile packets become entries of UTF-8 whose fields are nfscribe's own`, () => {
  const random = new Random(PACKETS);
  const encoder = new JournalEncoder(OPTIONS);
  const packet = new RawPacket(NAMES);
  const memory = new Uint8Array(1024);
  const out = new Uint8Array(16_384);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let n = 0; n < PACKETS; n++) {
    packet.reset(memory, 0, 0);
    metadata(random, packet);
    place(packet, partsOf(random), memory, 0);
    const length = encoder.encode(packet, out, 0);
    const text = decoder.decode(out.subarray(0, length));
    const isEntry = length > 0 && endOfEntry(out, 0) === length &&
      /^PRIORITY=5\nSYSLOG_IDENTIFIER=fw\nMESSAGE=.+\n(?:NFSCRIBE_[A-Z_]+=.*\n)+\n$/.test(text);
    if (!isEntry || STEERING.test(text)) {
      throw new AssertionError(`packet ${n}: ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("A packet for which ulogd has no line is unfit", () => {
  const encoder = new JournalEncoder({ ...OPTIONS, dialect: "ulogd2" });
  const packet = new RawPacket(INTERFACES);
  packet.family = 5;
  assertEquals(encoder.encode(packet, new Uint8Array(4096), 0), UNFIT);
});

Deno.test("A script's line has its fields by names that the journal takes", () => {
  const fields = [["port-scan", "a\nPRIORITY=0"], ["é", "1"], ["n".repeat(80), "2"]] as const;
  const out = new Uint8Array(4096);
  const encoder = new JournalEncoder({ ...OPTIONS, priority: 3 });
  const length = encoder.encodeEvent({ seconds: 1, nanoseconds: 2000, fields }, out, 0);
  assertEquals(
    new TextDecoder().decode(out.subarray(0, length)).split("\n").slice(0, -2),
    [
      "PRIORITY=3",
      "SYSLOG_IDENTIFIER=fw",
      `MESSAGE=port-scan="a\\nPRIORITY=0" _=1 ${"n".repeat(80)}=2`,
      "NFSCRIBE_TYPE=event",
      "NFSCRIBE_TIME=1970-01-01T00:00:01.000002Z",
      "NFSCRIBE_SESSION=s",
      "NFSCRIBE_EVENT_PORT_SCAN=a\\u000aPRIORITY=0",
      "NFSCRIBE_EVENT__=1",
      `NFSCRIBE_EVENT_${"N".repeat(49)}=2`,
    ],
  );
});

Deno.test("The end of an entry is behind its empty line, or that of what is there", () => {
  const bytes = new TextEncoder().encode("A=1\nB=2\n\nC=3\n\nD=4\n");
  assertEquals([endOfEntry(bytes, 0), endOfEntry(bytes, 9), endOfEntry(bytes, 14)], [9, 14, 18]);
});

Deno.test("Options that cannot be are refused with what would be right", () => {
  const problems = (options: Parameters<typeof journalProblems>[0]) =>
    journalProblems(options).map(({ key, message }) => `${key} ${message}`);
  assertEquals(problems({ socket: "journal.sock" }), [
    'socket must be an absolute path of at most 107 bytes, not "journal.sock"',
  ]);
  assert(problems({ socket: `/${"x".repeat(107)}` })[0]!.startsWith("socket must be"));
  assertEquals(problems({ fields: ["source", "sourceport"] }), [
    'fields the structured form has no "sourceport" at its top; did you mean "sourcePort"?',
  ]);
  assertEquals(problems({ logOptions: ["uid"], dialect: "ulogd2" }).length, 1);
});

Deno.test("A flow is an entry with its line, and a field for everything that is known of it", () => {
  const encoder = new FlowJournalEncoder({ identifier: "fw", session: "s" });
  const raw = Flow.rawOf(flow({
    protocol: 17,
    destinationPort: 53,
    bytes: 60,
    reply: { packets: 2, bytes: 2 ** 53 - 1 },
    nat: { source: "198.51.100.7", sourcePort: 40001 },
    status: ["seenReply", "assured"],
    labels: [1, 127],
    helper: "a\nPRIORITY=0",
    mark: 0x10,
    zone: 3,
  }));
  raw.capture = "conntrack";
  raw.extra = new TextEncoder().encode('{"site":"b"}');
  const out = new Uint8Array(4096);
  const text = new TextDecoder().decode(out.subarray(0, encoder.encode(raw, out, 0)));
  assertEquals(text.split("\n"), [
    "PRIORITY=5",
    "SYSLOG_IDENTIFIER=fw",
    "MESSAGE=[DESTROY] ORIG: SRC=192.0.2.1 DST=192.0.2.2 PROTO=UDP SPT=40000 DPT=53 PKTS=1 BYTES=60 " +
    ", REPLY: SRC=192.0.2.2 DST=198.51.100.7 PROTO=UDP SPT=53 DPT=40001 PKTS=2 BYTES=9007199254740991",
    "NFSCRIBE_TYPE=flow",
    "NFSCRIBE_TIME=2023-11-14T22:13:20.000000Z",
    "NFSCRIBE_CAPTURE=conntrack",
    "NFSCRIBE_SESSION=s",
    "NFSCRIBE_EVENT=destroy",
    "NFSCRIBE_PROTOCOL=UDP",
    "NFSCRIBE_SOURCE=192.0.2.1",
    "NFSCRIBE_SOURCE_PORT=40000",
    "NFSCRIBE_DESTINATION=192.0.2.2",
    "NFSCRIBE_DESTINATION_PORT=53",
    "NFSCRIBE_PACKETS=1",
    "NFSCRIBE_BYTES=60",
    "NFSCRIBE_REPLY_SOURCE=192.0.2.2",
    "NFSCRIBE_REPLY_SOURCE_PORT=53",
    "NFSCRIBE_REPLY_DESTINATION=198.51.100.7",
    "NFSCRIBE_REPLY_DESTINATION_PORT=40001",
    "NFSCRIBE_REPLY_PACKETS=2",
    "NFSCRIBE_REPLY_BYTES=9007199254740991",
    "NFSCRIBE_NAT_SOURCE=198.51.100.7",
    "NFSCRIBE_NAT_SOURCE_PORT=40001",
    "NFSCRIBE_START=2023-11-14T22:13:19.000000Z",
    "NFSCRIBE_END=2023-11-14T22:13:20.000000Z",
    "NFSCRIBE_DURATION=1",
    "NFSCRIBE_STATUS=seenReply",
    "NFSCRIBE_STATUS=assured",
    "NFSCRIBE_ID=1",
    "NFSCRIBE_MARK=16",
    "NFSCRIBE_ZONE=3",
    "NFSCRIBE_LABELS=1",
    "NFSCRIBE_LABELS=127",
    "NFSCRIBE_HELPER=a\\x0aPRIORITY=0",
    'NFSCRIBE_EXTRA={"site":"b"}',
    "",
    "",
  ]);
});
