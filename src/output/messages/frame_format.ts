/**
 * Records in the frames of outputs that send messages. Each has a head, which lets the sender sort
 * them by kind, host and source without looking into them:
 *
 *     u32 length of what follows the head    u32 what it is
 *
 * A group begins with its description: kind, host and source. Its records follow, records of other
 * groups in between, and the names of interfaces that they refer to. They say how many bytes before
 * them the group begins. Numbers are little-endian.
 */

import type { RecordKind } from "../../record/kind.ts";

/** Bytes of a head. */
export const HEAD = 8;
/** Second word of the head of a group's description. */
export const GROUP = 0xffff_ffff;
/** Bit of that word for the name of an interface; without it, a record follows. */
export const INTERFACE = 0x8000_0000;
/** Bytes of a description before the names: a mark, the kind, two lengths. */
export const DESCRIPTION = 16;
/** Most bytes of a name. */
export const NAME_MOST = 255;

/** Kinds of record by their number. */
export const KINDS: readonly RecordKind[] = ["packet", "flow", "counter"];
