/** Second part of a socket's filter: tests of the values that the first part has found. */

import * as bpf from "../../bytes/bpf.ts";
import type { Comparison, Condition, Direction, Side } from "../../filter/expression/syntax.ts";
import { UNREPLIED } from "../../filter/expression/words.ts";
import { IPS_SEEN_REPLY, statusBit } from "../../flow/names.ts";
import * as c from "../../netlink/conntrack/constants.ts";
import { IPPROTO_GRE } from "../../packet/protocols.ts";
import type { Assembler, Label } from "./assembler.ts";
import {
  DIRECTION,
  HEADER,
  MARK,
  NO_PORT,
  PROTOCOL,
  putFlags,
  putType,
  SLOTS,
  SPARE,
  STATUS,
  swapped,
} from "./kernel_values.ts";

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;
/** Appends the test of an end of a flow, which goes on at one of two labels. */
type EndTest = (slot: number, ifTrue: Label, ifFalse: Label) => void;

const ALL_BITS = 0xffff_ffff;

/** Appends the test of a condition that the program knows. */
export function putCondition(
  program: Assembler,
  condition: Condition,
  ifTrue: Label,
  ifFalse: Label,
): void {
  const isSlot = (slot: number, value: number, yes: Label, no: Label) => {
    program.put(bpf.LOAD_SLOT, slot);
    program.branch(bpf.JUMP_EQUAL, value, yes, no);
  };
  const isVersion = (network: string, side: Side, yes: Label) =>
    isSlot(SLOTS[side] + DIRECTION.VERSION, network === "ip6" ? 6 : 4, yes, ifFalse);
  switch (condition.kind) {
    case "network":
      return isVersion(condition.network, "original", ifTrue);
    case "protocol": {
      const { network, protocol } = condition;
      if (network !== undefined) place(program, (next) => isVersion(network, "original", next));
      return isSlot(PROTOCOL, protocol, ifTrue, ifFalse);
    }
    case "address": {
      const { words, direction, side = "original" } = condition;
      const network = words.length === 4 ? "ip6" : "ip";
      place(program, (next) => isVersion(network, side, next));
      const { SOURCE, DESTINATION } = DIRECTION;
      const slots = [SLOTS[side] + SOURCE, SLOTS[side] + DESTINATION] as const;
      return putEnds(program, direction, slots, ifTrue, ifFalse, addressTest(program, condition));
    }
    case "port": {
      const { protocols, direction, side = "original" } = condition;
      const isProtocol: Label = {};
      for (const protocol of protocols) {
        place(program, (next) => isSlot(PROTOCOL, protocol, isProtocol, next));
      }
      program.jump(ifFalse);
      program.place(isProtocol);
      const { PORT, TO_PORT } = DIRECTION;
      const slots = [SLOTS[side] + PORT, SLOTS[side] + TO_PORT] as const;
      return putEnds(program, direction, slots, ifTrue, ifFalse, portTest(program, condition));
    }
    case "mark":
      program.put(bpf.LOAD_SLOT, MARK);
      program.put(bpf.AND, condition.mask);
      return program.branch(bpf.JUMP_EQUAL, condition.value, ifTrue, ifFalse);
    case "nat":
      return putNat(program, condition, ifTrue, ifFalse);
    case "choice":
      if (condition.field === "family") return isVersion(condition.choice, "original", ifTrue);
      if (condition.field === "status") return putStatus(program, condition, ifTrue, ifFalse);
      return putEvent(program, condition, ifTrue, ifFalse);
    case "number": {
      const { comparison, value, side = "original" } = condition;
      program.put(bpf.LOAD_SLOT, SLOTS[side] + DIRECTION.ZONE);
      const [code, isNegated] = COMPARISONS[comparison];
      if (isNegated) return program.branch(code, value, ifFalse, ifTrue);
      return program.branch(code, value, ifTrue, ifFalse);
    }
    default:
      throw new TypeError(`Cannot compile a condition of kind ${condition.kind}`);
  }
}

const COMPARISONS: Readonly<Record<Comparison, readonly [code: number, isNegated: boolean]>> = {
  "=": [bpf.JUMP_EQUAL, false],
  "!=": [bpf.JUMP_EQUAL, true],
  ">": [bpf.JUMP_GREATER, false],
  "<=": [bpf.JUMP_GREATER, true],
  ">=": [bpf.JUMP_NOT_LESS, false],
  "<": [bpf.JUMP_NOT_LESS, true],
};

/** Appends a test with a label that stands behind it. */
function place(program: Assembler, put: (next: Label) => void): void {
  const next: Label = {};
  put(next);
  program.place(next);
}

/** Appends a test of one end, of either or of both. */
function putEnds(
  program: Assembler,
  direction: Direction,
  [source, destination]: readonly [number, number],
  ifTrue: Label,
  ifFalse: Label,
  put: EndTest,
): void {
  if (direction === "either") place(program, (next) => put(source, ifTrue, next));
  if (direction === "both") place(program, (next) => put(source, next, ifFalse));
  put(direction === "source" ? source : destination, ifTrue, ifFalse);
}

function addressTest(program: Assembler, { words, mask }: Of<"address">): EndTest {
  return (slot, ifTrue, ifFalse) => {
    program.put(bpf.LOAD_INDEX_SLOT, slot);
    words.forEach((word, n) => {
      if (mask[n] === 0) return;
      program.put(bpf.LOAD_AT, HEADER + 4 * n);
      if (mask[n] !== ALL_BITS) program.put(bpf.AND, mask[n]);
      place(program, (next) => program.branch(bpf.JUMP_EQUAL, word, next, ifFalse));
    });
    program.jump(ifTrue);
  };
}

/** Returns the test of a port; one that is absent is above all others. */
function portTest(program: Assembler, { first, last }: Of<"port">): EndTest {
  return (slot, ifTrue, ifFalse) => {
    program.put(bpf.LOAD_SLOT, slot);
    place(program, (next) => program.branch(bpf.JUMP_NOT_LESS, first, next, ifFalse));
    program.branch(bpf.JUMP_GREATER, last, ifFalse, ifTrue);
  };
}

function putStatus(
  program: Assembler,
  { choice }: Of<"choice">,
  ifTrue: Label,
  ifFalse: Label,
): void {
  program.put(bpf.LOAD_SLOT, STATUS);
  if (choice === UNREPLIED) program.branch(bpf.JUMP_SET, IPS_SEEN_REPLY, ifFalse, ifTrue);
  else program.branch(bpf.JUMP_SET, statusBit(choice), ifTrue, ifFalse);
}

/** Appends the test of an event; records of other reasons are not sent as events. */
function putEvent(
  program: Assembler,
  { choice }: Of<"choice">,
  ifTrue: Label,
  ifFalse: Label,
): void {
  const isDestroy = (yes: Label, no: Label) => {
    putType(program);
    program.branch(bpf.JUMP_EQUAL, swapped(c.IPCTNL_MSG_CT_DELETE), yes, no);
  };
  const bits = swapped(c.NLM_F_CREATE_EXCL);
  const isNew = (yes: Label, no: Label) => {
    place(program, (next) => isDestroy(ifFalse, next));
    putFlags(program);
    program.put(bpf.AND, bits);
    program.branch(bpf.JUMP_EQUAL, bits, yes, no);
  };
  switch (choice) {
    case "destroy":
      return isDestroy(ifTrue, ifFalse);
    case "new":
      return isNew(ifTrue, ifFalse);
    case "update":
      return isNew(ifFalse, ifTrue);
    default:
      return program.jump(ifFalse);
  }
}

/** Appends the test of whether the reply's addresses or ports are others than the original ones. */
function putNat(program: Assembler, { nat }: Of<"nat">, ifTrue: Label, ifFalse: Label): void {
  const { SOURCE, DESTINATION, PORT, TO_PORT } = DIRECTION;
  const ends = [
    ...nat === "dnat" ? [] : [[SOURCE, DESTINATION, PORT, TO_PORT] as const],
    ...nat === "snat" ? [] : [[DESTINATION, SOURCE, TO_PORT, PORT] as const],
  ];
  for (const [address, replyAddress, port, replyPort] of ends) {
    place(program, (isSame) => {
      putOtherAddress(program, address, replyAddress, ifTrue, isSame);
    });
    place(program, (isSame) => {
      // The keys of GRE come as ports.
      program.put(bpf.LOAD_SLOT, PROTOCOL);
      place(program, (next) => program.branch(bpf.JUMP_EQUAL, IPPROTO_GRE, isSame, next));
      program.put(bpf.LOAD_SLOT, SLOTS.reply + replyPort);
      place(program, (next) => program.branch(bpf.JUMP_EQUAL, NO_PORT, isSame, next));
      program.put(bpf.LOAD_INDEX_SLOT, SLOTS.original + port);
      program.branch(bpf.JUMP_EQUAL_INDEX, 0, isSame, ifTrue);
    });
  }
  program.jump(ifFalse);
}

function putOtherAddress(
  program: Assembler,
  address: number,
  replyAddress: number,
  isOther: Label,
  isSame: Label,
): void {
  const { VERSION } = DIRECTION;
  program.put(bpf.LOAD_SLOT, SLOTS.original + VERSION);
  program.put(bpf.LOAD_INDEX_SLOT, SLOTS.reply + VERSION);
  place(program, (next) => program.branch(bpf.JUMP_EQUAL_INDEX, 0, next, isOther));
  for (let n = 0; n < 4; n++) {
    program.put(bpf.LOAD_INDEX_SLOT, SLOTS.reply + replyAddress);
    program.put(bpf.LOAD_AT, HEADER + 4 * n);
    program.put(bpf.STORE_SLOT, SPARE);
    program.put(bpf.LOAD_INDEX_SLOT, SLOTS.original + address);
    program.put(bpf.LOAD_AT, HEADER + 4 * n);
    program.put(bpf.LOAD_INDEX_SLOT, SPARE);
    place(program, (next) => program.branch(bpf.JUMP_EQUAL_INDEX, 0, next, isOther));
    if (n > 0) continue;
    // Addresses of IPv4 have one word.
    program.put(bpf.LOAD_SLOT, SLOTS.original + VERSION);
    place(program, (next) => program.branch(bpf.JUMP_EQUAL, 4, isSame, next));
  }
  program.jump(isSame);
}
