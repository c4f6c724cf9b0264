/**
 * First part of a socket's filter: finds the values of an event that conditions are about, and keeps
 * them in scratch memory.
 */

import * as bpf from "../../bytes/bpf.ts";
import { type Expression, primitivesOf, type Side } from "../../filter/expression/syntax.ts";
import * as c from "../../netlink/conntrack/constants.ts";
import { NLM_F_MULTI, NLMSG_HDRLEN } from "../../netlink/message.ts";
import type { Assembler, Label } from "./assembler.ts";

/** `SKF_AD_OFF + SKF_AD_NLATTR` (linux/filter.h): replaces the place in A by that of an attribute of type X. */
const FIND = 0xffff_f000 + 12;
/** `SKF_AD_OFF + SKF_AD_NLATTR_NEST`: the same within the attribute at A. Both give 0 for none. */
const FIND_WITHIN = 0xffff_f000 + 16;
/** Size of an attribute's header (`NLA_HDRLEN`, linux/netlink.h). */
export const HEADER = 4;
/** Marks a port that is absent. */
export const NO_PORT = 0xffff_ffff;

/** Words of scratch memory of a direction: version of IP, places of addresses, ports, zone. */
export const DIRECTION = { VERSION: 0, SOURCE: 1, DESTINATION: 2, PORT: 3, TO_PORT: 4, ZONE: 5 };
/** First word of each direction. */
export const SLOTS: Readonly<Record<Side, number>> = { original: 0, reply: 6 };
/** Words of the flow. */
export const PROTOCOL = 12;
export const MARK = 13;
export const STATUS = 14;
export const SPARE = 15;

/** Values that conditions are about. */
export type KernelValue = Side | "mark" | "status";

/** Returns the values that an expression is about. */
export function valuesOf(expression: Expression): Set<KernelValue> {
  const values = new Set<KernelValue>();
  for (const condition of primitivesOf(expression)) {
    switch (condition.kind) {
      case "mark":
        values.add("mark");
        break;
      case "nat":
        values.add("original").add("reply");
        break;
      case "choice":
        if (condition.field === "status") values.add("status");
        else if (condition.field === "family") values.add("original");
        break;
      case "port":
        // The protocol stands in the original direction.
        values.add("original").add(condition.side ?? "original");
        break;
      case "address":
      case "number":
        values.add(condition.side ?? "original");
        break;
      default:
        values.add("original");
    }
  }
  return values;
}

/**
 * Appends the part that finds values.
 *
 * @param accept Label for messages that are no events, as those of a dump, and for events that lack
 *   a value which the kernel always sends.
 */
export function putValues(
  program: Assembler,
  values: ReadonlySet<KernelValue>,
  accept: Label,
): void {
  const [isChange, isEvent]: [Label, Label] = [{}, {}];
  putType(program);
  program.branch(bpf.JUMP_EQUAL, swapped(c.IPCTNL_MSG_CT_DELETE), isEvent, isChange);
  program.place(isChange);
  const maybe: Label = {};
  program.branch(bpf.JUMP_EQUAL, swapped(c.IPCTNL_MSG_CT_NEW), maybe, accept);
  program.place(maybe);
  putFlags(program);
  program.branch(bpf.JUMP_SET, swapped(NLM_F_MULTI), accept, isEvent);
  program.place(isEvent);
  for (const side of ["original", "reply"] as const) {
    if (values.has(side)) putDirection(program, side, accept);
  }
  if (values.has("mark")) {
    putFind(program, c.CTA_MARK);
    // The kernel does not send a mark of 0.
    putValueOr(program, bpf.LOAD_AT, MARK, 0);
  }
  if (values.has("status")) {
    putFind(program, c.CTA_STATUS);
    putRequired(program, accept);
    program.put(bpf.TO_INDEX);
    program.put(bpf.LOAD_AT, HEADER);
    program.put(bpf.STORE_SLOT, STATUS);
  }
}

/** Appends the load of `nlmsg_type`. */
export function putType(program: Assembler): void {
  program.put(bpf.LOAD_HALF, 4);
}

/** Appends the load of `nlmsg_flags`. */
export function putFlags(program: Assembler): void {
  program.put(bpf.LOAD_HALF, 6);
}

/** Returns a half as BPF loads it: the header of a message is in the host's order, little-endian. */
export function swapped(half: number): number {
  return (half & 0xff) << 8 | half >> 8;
}

/** Appends what finds the tuple of a direction, and its parts. */
function putDirection(program: Assembler, side: Side, accept: Label): void {
  const first = SLOTS[side];
  const { VERSION, SOURCE, DESTINATION, PORT, TO_PORT, ZONE } = DIRECTION;
  // The tuple, and then its addresses, in a word that is free until the end.
  putFind(program, side === "original" ? c.CTA_TUPLE_ORIG : c.CTA_TUPLE_REPLY);
  putRequired(program, accept);
  program.put(bpf.STORE_SLOT, SPARE);
  putFindIn(program, SPARE, c.CTA_TUPLE_ZONE);
  const [isCommon, isOwn]: [Label, Label] = [{}, {}];
  program.branch(bpf.JUMP_EQUAL, 0, isCommon, isOwn);
  program.place(isCommon);
  putFind(program, c.CTA_ZONE);
  program.place(isOwn);
  putValueOr(program, bpf.LOAD_HALF_AT, first + ZONE, 0);

  putFindIn(program, SPARE, c.CTA_TUPLE_PROTO);
  putRequired(program, accept);
  program.put(bpf.STORE_SLOT, first + VERSION);
  if (side === "original") {
    putFindIn(program, first + VERSION, c.CTA_PROTO_NUM);
    putRequired(program, accept);
    program.put(bpf.TO_INDEX);
    program.put(bpf.LOAD_BYTE_AT, HEADER);
    program.put(bpf.STORE_SLOT, PROTOCOL);
  }
  putFindIn(program, first + VERSION, c.CTA_PROTO_SRC_PORT);
  putValueOr(program, bpf.LOAD_HALF_AT, first + PORT, NO_PORT);
  putFindIn(program, first + VERSION, c.CTA_PROTO_DST_PORT);
  putValueOr(program, bpf.LOAD_HALF_AT, first + TO_PORT, NO_PORT);

  putFindIn(program, SPARE, c.CTA_TUPLE_IP);
  putRequired(program, accept);
  program.put(bpf.STORE_SLOT, SPARE);
  const [isSix, isFour, end]: [Label, Label, Label] = [{}, {}, {}];
  putFindIn(program, SPARE, c.CTA_IP_V4_SRC);
  program.branch(bpf.JUMP_EQUAL, 0, isSix, isFour);
  for (
    const [label, version, source, destination] of [
      [isFour, 4, c.CTA_IP_V4_SRC, c.CTA_IP_V4_DST],
      [isSix, 6, c.CTA_IP_V6_SRC, c.CTA_IP_V6_DST],
    ] as const
  ) {
    program.place(label);
    putFindIn(program, SPARE, source);
    putRequired(program, accept);
    program.put(bpf.STORE_SLOT, first + SOURCE);
    putFindIn(program, SPARE, destination);
    putRequired(program, accept);
    program.put(bpf.STORE_SLOT, first + DESTINATION);
    program.put(bpf.SET, version);
    program.put(bpf.STORE_SLOT, first + VERSION);
    program.jump(end);
  }
  program.place(end);
}

/** Appends what finds an attribute of the flow. */
function putFind(program: Assembler, type: number): void {
  program.put(bpf.SET, NLMSG_HDRLEN + c.NFGENMSG_SIZE);
  program.put(bpf.SET_INDEX, type);
  program.put(bpf.LOAD, FIND);
}

/** Appends what finds an attribute within the one whose place is in a slot. */
function putFindIn(program: Assembler, slot: number, type: number): void {
  program.put(bpf.LOAD_SLOT, slot);
  program.put(bpf.SET_INDEX, type);
  program.put(bpf.LOAD, FIND_WITHIN);
}

function putRequired(program: Assembler, accept: Label): void {
  const found: Label = {};
  program.branch(bpf.JUMP_EQUAL, 0, accept, found);
  program.place(found);
}

/** Appends what keeps the value of the attribute that was found, or another one. */
function putValueOr(program: Assembler, load: number, slot: number, otherwise: number): void {
  const [isAbsent, isFound, done]: [Label, Label, Label] = [{}, {}, {}];
  program.branch(bpf.JUMP_EQUAL, 0, isAbsent, isFound);
  program.place(isFound);
  program.put(bpf.TO_INDEX);
  program.put(load, HEADER);
  program.jump(done);
  program.place(isAbsent);
  program.put(bpf.SET, otherwise);
  program.place(done);
  program.put(bpf.STORE_SLOT, slot);
}
