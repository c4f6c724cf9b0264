import { assert, assertEquals, assertGreater } from "@std/assert";
import { concat } from "../../../src/bytes/write.ts";
import { NflogFraming } from "../../../src/pcap/link/nflog.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { type Encoder, NO_ROOM } from "../../../src/record/encoder.ts";
import {
  bodyOf,
  cutFrame,
  type Group,
  joinGroups,
} from "../../../src/output/messages/cut_frame.ts";
import { GroupedEncoder } from "../../../src/output/messages/grouped_encoder.ts";
import { InterfaceNotes } from "../../../src/output/messages/interface_notes.ts";
import { PcapngEncoder } from "../../../src/output/pcap/pcapng_encoder.ts";
import { readBlocks } from "../pcap/blocks.ts";
import { ipv4, rawPacket, udp } from "../../packet/sample.ts";

const INTERFACES = new InterfaceTable().with([[2, "eth0"], [3, "eth1"], [9, "wg\u{1}x"]]);
const KINDS = ["packet", "flow", "counter"] as const;

function pcapngEncoder(limit = 1 << 20): GroupedEncoder<RawPacket> {
  return new GroupedEncoder({
    kind: "packet",
    limit,
    body: () => new PcapngEncoder(new NflogFraming(), "nflog"),
    notes: () => new InterfaceNotes(),
  });
}

/** Encodes the capture's name and the mark as text. */
function textEncoder(kind: typeof KINDS[number], limit = 1 << 20): GroupedEncoder<RawPacket> {
  const body: Encoder<RawPacket> = {
    encode({ capture, mark }, out, at) {
      const bytes = new TextEncoder().encode(`${capture}${mark};`);
      if (at + bytes.length > out.length) return NO_ROOM;
      out.set(bytes, at);
      return bytes.length;
    },
  };
  return new GroupedEncoder({ kind, limit, body: () => body });
}

function packet(fields: Partial<RawPacket> & { host?: string } = {}): RawPacket {
  return rawPacket(ipv4(17, udp()), { interfaces: INTERFACES, seconds: 1, ...fields });
}

function put(encoder: Encoder<RawPacket>, out: Uint8Array, at: number, record: RawPacket): number {
  const length = encoder.encode(record, out, at);
  assertGreater(length, 0);
  return at + length;
}

const textOf = (group: Group) => new TextDecoder().decode(bodyOf(group));

Deno.test("records of sources and hosts that alternate come into a group each", () => {
  const encoder = textEncoder("packet");
  const out = new Uint8Array(4096);
  let at = 0;
  for (
    const [mark, capture, host] of [[1, "a", ""], [2, "b", ""], [3, "a", ""], [
      4,
      "a",
      "gate",
    ]] as const
  ) {
    at = put(encoder, out, at, packet({ capture, mark, host }));
  }
  const groups = cutFrame(out.slice(0, at))!;
  assertEquals(groups.map(({ kind, host, capture, records }) => [kind, host, capture, records]), [
    ["packet", "", "a", 2],
    ["packet", "", "b", 1],
    ["packet", "gate", "a", 1],
  ]);
  assertEquals(groups.map(textOf), ["a1;a3;", "b2;", "a4;"]);
});

Deno.test("kinds that alternate in an area go on with their groups", () => {
  const [packets, flows] = [textEncoder("packet"), textEncoder("flow")];
  const out = new Uint8Array(4096);
  let at = 0;
  for (const mark of [1, 2, 3]) {
    at = put(packets, out, at, packet({ mark }));
    at = put(flows, out, at, packet({ mark: mark + 10 }));
  }
  const groups = cutFrame(out.slice(0, at))!;
  assertEquals(groups.map(({ kind }) => kind), ["packet", "flow"]);
  assertEquals(groups.map(textOf), ["1;2;3;", "11;12;13;"]);
});

Deno.test("an area that is begun again has groups of its own, whatever it held before", () => {
  const [packets, flows] = [textEncoder("packet"), textEncoder("flow")];
  const out = new Uint8Array(4096);
  // The flows' group stands at the same place of both.
  for (const round of [1, 2, 3]) {
    let at = put(packets, out, 0, packet({ mark: round }));
    at = put(flows, out, at, packet({ mark: 10 * round }));
    at = put(flows, out, at, packet({ mark: 10 * round + 1 }));
    const groups = cutFrame(out.slice(0, at))!;
    assertEquals(groups.map(textOf), [`${round};`, `${10 * round};${10 * round + 1};`]);
  }
});

Deno.test("a group that reaches the limit is followed by another, whole by itself", () => {
  const encoder = pcapngEncoder(1000);
  const out = new Uint8Array(65536);
  let at = 0;
  for (let mark = 0; mark < 50; mark++) at = put(encoder, out, at, packet({ mark, inDev: 2 }));
  const groups = cutFrame(out.slice(0, at))!;
  assertGreater(groups.length, 5);
  const marks: number[] = [];
  for (const group of groups) {
    const body = bodyOf(group);
    assert(body.length <= 1000, `${body.length} bytes`);
    assertEquals([...group.interfaces], [[2, "eth0"]]);
    const { packets } = readBlocks(body);
    assertEquals(packets.length, group.records);
    marks.push(...packets.map(({ data }) => data.length));
  }
  assertEquals(marks.length, 50);
});

Deno.test("bodies of sources that alternate are sections of pcapng with their own interfaces", () => {
  const encoder = pcapngEncoder();
  const out = new Uint8Array(65536);
  let at = 0;
  for (
    const [capture, inDev, outDev] of [["a", 2, -1], ["b", 3, -1], ["a", 2, 3], [
      "b",
      3,
      9,
    ]] as const
  ) {
    at = put(encoder, out, at, packet({ capture, inDev, outDev }));
  }
  const groups = cutFrame(out.slice(0, at))!;
  assertEquals(groups.map(({ capture, records }) => [capture, records]), [["a", 2], ["b", 2]]);
  for (const group of groups) assertEquals(readBlocks(bodyOf(group)).packets.length, 2);
  assertEquals(groups.map(({ interfaces }) => [...interfaces]), [
    [[2, "eth0"], [3, "eth1"]],
    // A control character of a name would end a header.
    [[3, "eth1"], [9, "wg\ufffdx"]],
  ]);
});

Deno.test("a name that is known later is noted then, in each group once", () => {
  const encoder = pcapngEncoder();
  const out = new Uint8Array(65536);
  const later = INTERFACES.with([[7, "tun0"]]);
  let at = 0;
  for (const interfaces of [INTERFACES, INTERFACES, later, later]) {
    for (const inDev of [2, 7]) at = put(encoder, out, at, packet({ inDev, interfaces }));
  }
  const [group] = cutFrame(out.slice(0, at))!;
  assertEquals([...group!.interfaces], [[2, "eth0"], [7, "tun0"]]);
  assertEquals(new TextDecoder().decode(out.slice(0, at)).split("tun0").length - 1, 2);
});

Deno.test("a record without room leaves the area as it was, and begins the next one", () => {
  const encoder = textEncoder("packet");
  const small = new Uint8Array(60);
  const at = put(encoder, small, 0, packet({ mark: 1 }));
  const again = put(encoder, small, at, packet({ mark: 2 }));
  assertEquals(encoder.encode(packet({ mark: 123_456_789 }), small, again), NO_ROOM);
  assertEquals(cutFrame(small.slice(0, again))!.map(textOf), ["1;2;"]);
  const next = put(encoder, small, 0, packet({ mark: 123_456_789 }));
  assertEquals(cutFrame(small.slice(0, next))!.map(textOf), ["123456789;"]);
  assertEquals(encoder.encode(packet(), new Uint8Array(10), 0), NO_ROOM);
});

Deno.test("areas that are joined keep their groups, which can be joined", () => {
  const encoder = textEncoder("packet");
  const areas = [1, 2].map((mark) => {
    const out = new Uint8Array(4096);
    const at = put(encoder, out, 0, packet({ capture: "a", mark }));
    return out.slice(0, put(encoder, out, at, packet({ capture: "b", mark })));
  });
  const groups = cutFrame(concat(areas))!;
  assertEquals(groups.map(textOf), ["a1;", "b1;", "a2;", "b2;"]);
  const joined = joinGroups(groups);
  assertEquals(joined.map(textOf), ["a1;a2;", "b1;b2;"]);
  assertEquals(joined.map(({ records }) => records), [2, 2]);
});

Deno.test("names are cut to what a head holds", () => {
  const out = new Uint8Array(4096);
  const at = put(
    textEncoder("flow"),
    out,
    0,
    packet({ capture: "x".repeat(300), host: "\u20ac".repeat(100) }),
  );
  const [group] = cutFrame(out.slice(0, at))!;
  assertEquals([group!.capture.length, group!.host.length], [255, 85]);
});

Deno.test("damaged frames are refused, and read no byte beyond their end", () => {
  const encoder = pcapngEncoder();
  const out = new Uint8Array(65536);
  let at = 0;
  for (let mark = 0; mark < 5; mark++) at = put(encoder, out, at, packet({ mark, inDev: 2 }));
  const frame = out.slice(0, at);
  assertEquals(cutFrame(frame.subarray(1)), undefined);
  for (let length = 1; length < frame.length; length++) {
    const groups = cutFrame(frame.slice(0, length));
    for (const group of groups ?? []) bodyOf(group);
  }
  for (let place = 0; place < frame.length; place++) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const damaged = frame.slice();
      damaged[place] = value;
      for (const group of cutFrame(damaged) ?? []) bodyOf(group);
    }
  }
});
