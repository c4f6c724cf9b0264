import { assert, assertEquals } from "@std/assert";
import { be32, type NetlinkAttribute } from "../../../src/netlink/attribute.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { ABSENT } from "../../../src/packet/absent.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { Layouts } from "../../../src/netlink/nflog/layout.ts";
import { Random } from "../../fuzz/random.ts";
import { concat, hex } from "../../packet/sample.ts";
import { everyAttribute, logged } from "./sample.ts";

/** Size of a message before its attributes, in bytes: `struct nlmsghdr` and `struct nfgenmsg`. */
const HEADERS = 20;

/** Returns all fields of a message decoded after others. */
function decoded(decoder: NflogDecoder, raw: RawPacket, message: Uint8Array): unknown {
  const memory = new Memory(new ArrayBuffer((message.length + 3) & ~3));
  memory.bytes.set(message);
  decoder.begin(memory, 0, message.length, 1, 2);
  if (!decoder.next(raw)) return undefined;
  const { bytes: _bytes, generation: _generation, interfaces: _interfaces, ...fields } = raw;
  // The offset of an absent part has no meaning.
  for (const name of ["prefix", "hwAddress", "hwHeader", "l2Header", "payload"] as const) {
    if (fields[`${name}Length`] === ABSENT) fields[`${name}Offset`] = 0;
  }
  return fields;
}

/** Generates messages as a few rules and sockets make them, or rarely; some of them damaged. */
function* messages(random: Random): Generator<Uint8Array<ArrayBuffer>> {
  const kinds = Array.from({ length: 12 }, () => kind(random));
  for (;;) {
    const attributes = random.pick(kinds).map(({ type, value }) => {
      const changed = value.slice();
      const isPayload = type === c.NFULA_PAYLOAD;
      if (isPayload) return { type, value: random.bytes(random.below(80)) };
      if (random.below(4) === 0 && value.length > 0) {
        changed[random.below(value.length)] = random.pick([0, 1, 8, 255, random.below(256)]);
      }
      return { type, value: changed };
    });
    const message = logged(attributes, { family: random.pick([2, 7, 10]) });
    if (random.below(20) === 0) message[random.below(message.length - 4) + 4] = random.below(256);
    yield message;
  }
}

/** Generates attributes of one kind of packet: mostly those of the kernel, in its order. */
function kind(random: Random): NetlinkAttribute[] {
  const all = everyAttribute();
  const attributes = all.filter(({ type }) =>
    random.below(3) > 0 && (type !== (c.NFULA_VLAN | 0x8000) || random.below(3) === 0)
  );
  switch (random.below(6)) {
    case 0:
      return attributes.reverse();
    case 1:
      return [...attributes, random.pick(all)];
    case 2:
      return [{ type: 99, value: be32(1) }, ...attributes];
    default:
      return attributes;
  }
}

Deno.test("A decoder that has learnt finds what one finds that has not", () => {
  const random = new Random(1);
  const learnt = new NflogDecoder();
  const used = new RawPacket(new InterfaceTable());
  let whole = 0;
  let count = 0;
  for (const message of messages(random)) {
    const expected = decoded(new NflogDecoder(), new RawPacket(new InterfaceTable()), message);
    assertEquals(decoded(learnt, used, message), expected, `message ${count}`);
    if (expected !== undefined) whole++;
    if (++count === 20_000) break;
  }
  assert(whole > 10_000 && whole < count, `${whole} of ${count} are whole`);
});

/** Returns a message in memory of its own. */
function inMemory(attributes: readonly NetlinkAttribute[]): { memory: Memory; end: number } {
  const message = logged(attributes);
  const memory = new Memory(new ArrayBuffer((message.length + 3) & ~3));
  memory.bytes.set(message);
  return { memory, end: message.length };
}

function learn(layouts: Layouts, attributes: readonly NetlinkAttribute[]): void {
  const { memory, end } = inMemory(attributes);
  layouts.learn(memory, HEADERS, end);
}

function decodes(layouts: Layouts, attributes: readonly NetlinkAttribute[]): boolean {
  const { memory, end } = inMemory(attributes);
  return layouts.decode(new RawPacket(new InterfaceTable()), memory, HEADERS, end);
}

/** Returns whether layouts that have learnt one message decode another. */
function isLearnt(one: readonly NetlinkAttribute[], other: readonly NetlinkAttribute[]): boolean {
  const layouts = new Layouts();
  learn(layouts, one);
  return decodes(layouts, other);
}

Deno.test("A packet that has no layout takes none away; the eighth new one takes the oldest", () => {
  const layouts = new Layouts();
  const kindOf = (header: number): NetlinkAttribute[] => [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
    { type: c.NFULA_PREFIX, value: new Uint8Array(4) },
    { type: c.NFULA_HWHEADER, value: new Uint8Array(4 * header) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(40) },
  ];
  learn(layouts, kindOf(1));
  for (let n = 0; n < 20; n++) learn(layouts, kindOf(2).slice(0, 3));
  assert(decodes(layouts, kindOf(1)));
  for (let header = 2; header <= 8; header++) learn(layouts, kindOf(header));
  assert(decodes(layouts, kindOf(1)) && decodes(layouts, kindOf(8)));
  learn(layouts, kindOf(9));
  assert(!decodes(layouts, kindOf(1)) && decodes(layouts, kindOf(2)));
});

Deno.test("Packets with prefixes of all lengths have their layouts at the same time", () => {
  const layouts = new Layouts();
  const kindOf = (prefix: number): NetlinkAttribute[] => [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
    { type: c.NFULA_PREFIX, value: new Uint8Array(prefix) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(40) },
  ];
  const lengths = Array.from({ length: 128 }, (_, length) => length);
  for (const length of lengths) learn(layouts, kindOf(length));
  assertEquals(lengths.filter((length) => !decodes(layouts, kindOf(length))), []);
});

Deno.test("Packets of one kind differ in their values and the payload's length", () => {
  const plain: NetlinkAttribute[] = [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
    { type: c.NFULA_MARK, value: be32(1) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(40) },
  ];
  const [header, mark, payload] = plain as [NetlinkAttribute, NetlinkAttribute, NetlinkAttribute];
  const longer = { ...payload, value: new Uint8Array(1500) };
  assert(isLearnt(plain, [{ ...header, value: hex("86dd 03 00") }, mark, longer]));
  assert(!isLearnt(plain, [header, { ...mark, type: c.NFULA_UID }, payload]), "another type");
  assert(!isLearnt(plain, [header, { ...mark, value: new Uint8Array(8) }, payload]), "longer");
  assert(!isLearnt(plain, [header, mark, payload, mark]), "something behind the payload");
  assert(!isLearnt(plain, [header, mark]), "no payload");
  assert(!isLearnt([header, mark], [header, mark]), "no payload to learn from");
  assert(!isLearnt([mark, mark, payload], [mark, mark, payload]), "twice");
});

Deno.test("The inner lengths of a timestamp and an address are checked again", () => {
  const stamped = (value: string) => [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
    { type: c.NFULA_TIMESTAMP, value: hex(value) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(4) },
  ];
  const good = stamped("00000000 5f5e1001 00000000 0001e240");
  assert(isLearnt(good, stamped("00000000 6f5e1001 00000000 000f423f")));
  assert(!isLearnt(good, stamped("00000000 5f5e1001 00000000 000f4240")), "1000000 µs");
  assert(!isLearnt(good, stamped("00000000 5f5e1001 00000001 0001e240")), "more than 2^32 µs");
  const addressed = (value: string) => [
    { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
    { type: c.NFULA_HWADDR, value: concat(hex(value), new Uint8Array(8)) },
    { type: c.NFULA_PAYLOAD, value: new Uint8Array(4) },
  ];
  assert(isLearnt(addressed("0006 0000"), addressed("0006 0000")));
  assert(!isLearnt(addressed("0006 0000"), addressed("00ff 0000")));
});
