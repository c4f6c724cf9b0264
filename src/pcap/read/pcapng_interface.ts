/** Interfaces of pcapng files: link type, name and clock. */

import { InterfaceTable } from "../../packet/interface.ts";
import { NO_INTERFACE } from "./layout.ts";
import { findOption, type Numbers } from "./pcapng_options.ts";

const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;

/** Offset of the options in an Interface Description Block. */
const OPTIONS = 16;
/**
 * The first number of a named interface, above the kernel's indexes, which packets of some link
 * types carry.
 */
const FIRST_NUMBER = 0x4000_0000;
/** The most names that are kept: a file may name any number of interfaces. */
const NAMES_MAX = 4096;
/** The longest name that is kept, in bytes. */
const NAME_MAX = 255;
/** The largest second that a record can hold. */
const SECOND_MAX = 0xffff_ffffn;
const NANOSECONDS = 1_000_000_000n;

/** Contents of an Interface Description Block. */
export interface InterfaceBlock {
  /** `LINKTYPE_*` */
  linkType: number;
  /** The most bytes of a packet that are in the file; 0 for no limit. */
  snapshotLength: number;
  /** Name of the interface, if it has one. */
  name: string | undefined;
  /** Resolution and offset of its timestamps. */
  clock: Clock;
}

/** An interface of the current section. */
export interface PcapngInterface extends InterfaceBlock {
  /** Its number among all interfaces that the file has named. */
  number: number;
}

/**
 * Parses an Interface Description Block.
 *
 * @param numbers The memory.
 * @param block Start and end of the available part of the block.
 * @returns Its contents, or what is wrong with it.
 */
export function readInterface(
  numbers: Numbers,
  { at, end }: { at: number; end: number },
): InterfaceBlock | string {
  const { view, littleEndian } = numbers;
  const option = (code: number) => findOption(numbers, at + OPTIONS, end - 4, code);
  const [named, resolution, offset] = [option(IF_NAME), option(IF_TSRESOL), option(IF_TSOFFSET)];
  const digits = resolution?.length === 1 ? view.getUint8(resolution.at) : 6;
  const perSecond = digits & 0x80 ? 2n ** BigInt(digits & 0x7f) : 10n ** BigInt(digits);
  if (perSecond >= 2n ** 64n) return `an interface whose clock counts 1/${perSecond} seconds`;
  return {
    linkType: view.getUint16(at + 8, littleEndian),
    snapshotLength: view.getUint32(at + 12, littleEndian),
    name: named === undefined || named.length === 0
      ? undefined
      : textAt(view, named.at, Math.min(named.length, NAME_MAX)),
    clock: new Clock(
      perSecond,
      offset?.length === 8 ? view.getBigInt64(offset.at, littleEndian) : 0n,
    ),
  };
}

/** Decodes UTF-8, up to a NUL that some writers leave at the end. */
function textAt(view: DataView, at: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, length);
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
}

/** Converts timestamps of an interface to seconds and nanoseconds. */
export class Clock {
  readonly #perSecond: bigint;
  readonly #offset: bigint;
  /**
   * Whether it counts microseconds since the Unix epoch, as in most files: numbers hold them
   * exactly.
   */
  readonly #isUsual: boolean;

  /**
   * Creates a clock of so many units per second, whose zero is so many seconds after the Unix
   * epoch.
   */
  constructor(perSecond: bigint, offset: bigint) {
    this.#perSecond = perSecond;
    this.#offset = offset;
    this.#isUsual = perSecond === 1_000_000n && offset === 0n;
  }

  /**
   * Converts a timestamp.
   *
   * @param upper Its upper 32 bits.
   * @param lower Its lower 32 bits.
   * @param time Filled in; a time that no record can hold is clamped.
   */
  read(upper: number, lower: number, time: { seconds: number; nanoseconds: number }): void {
    if (this.#isUsual && upper < 0x10_0000) {
      const microseconds = upper * 0x1_0000_0000 + lower;
      time.seconds = Math.floor(microseconds / 1e6);
      time.nanoseconds = microseconds % 1e6 * 1000;
      return;
    }
    const count = (BigInt(upper) << 32n) | BigInt(lower);
    const seconds = count / this.#perSecond + this.#offset;
    time.seconds = Number(seconds < 0n ? 0n : seconds > SECOND_MAX ? SECOND_MAX : seconds);
    time.nanoseconds = Number(count % this.#perSecond * NANOSECONDS / this.#perSecond);
  }
}

/** Assigns numbers to interface names; equal names have the same number. */
export class InterfaceNames {
  /** Names by number. */
  table: InterfaceTable = new InterfaceTable();
  readonly #numbers = new Map<string, number>();

  /** Returns the number of a name. */
  numberOf(name: string | undefined): number {
    if (name === undefined) return NO_INTERFACE;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#numbers.size === NAMES_MAX) return NO_INTERFACE;
    const number = FIRST_NUMBER + this.#numbers.size;
    this.#numbers.set(name, number);
    this.table = this.table.with([[number, name]]);
    return number;
  }
}
