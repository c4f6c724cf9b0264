/** Writes a packet as a line of ulogd's LOGEMU output or of the kernel's LOG target. */

import type { RawPacket } from "../../packet/raw_packet.ts";
import type { LineWriter } from "../../text/line.ts";
import { ESCAPED_MAX, NAME_MAX } from "../../text/utf8.ts";
import { KernelPrinter } from "./kernel.ts";
import type { DialectOptions } from "./options.ts";
import { UlogdPrinter } from "./ulogd.ts";

/** The most bytes of a line besides prefix, link header and names. */
const LINE_MAX = 1536;
/** The most bytes of the names of two interfaces and two bridge ports. */
const NAMES_MAX = 4 * NAME_MAX;

/** Writes lines of one dialect, without time, host and newline. */
export class PacketLine {
  readonly #printer: UlogdPrinter | KernelPrinter;

  /** Creates a printer. */
  constructor({ dialect, logOptions }: DialectOptions) {
    this.#printer = dialect === "kernel"
      ? new KernelPrinter(logOptions)
      : new UlogdPrinter(dialect);
  }

  /** Returns the most bytes that a packet's line takes. */
  roomFor({ prefixLength, hwHeaderLength, l2HeaderLength }: RawPacket): number {
    const links = Math.max(0, hwHeaderLength) + Math.max(0, l2HeaderLength);
    return LINE_MAX + NAMES_MAX + Math.max(0, prefixLength) * ESCAPED_MAX + links * 3;
  }

  /**
   * Writes a packet's line.
   *
   * @returns Whether the dialect has a line for the packet.
   */
  print(line: LineWriter, packet: RawPacket): boolean {
    return this.#printer.print(line, packet);
  }
}
