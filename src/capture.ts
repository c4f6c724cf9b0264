/** Captures the packets of a firewall rule in a program. */

import { checkActions } from "./config/actions.ts";
import { ConfigError, type ConfigProblem } from "./errors.ts";
import { LiveRecords } from "./live_records.ts";
import { type ActionPatterns, ActionTable } from "./packet/actions.ts";
import { Packet } from "./packet/packet.ts";
import { RawPacket } from "./packet/raw_packet.ts";
import { optionsOf } from "./schema.ts";
import { NflogDecoder } from "./source/nflog/decoder.ts";
import { nflogEntries } from "./source/nflog/options.ts";
import { NflogReader } from "./source/nflog/reader.ts";
import nflog from "./source/nflog/source.ts";
import type { Reader } from "./source/source.ts";

/** Type of the sources that {@linkcode capture} reads. */
export const CAPTURED: string = nflog.type;

/** Returns checked options of a source of type {@linkcode CAPTURED} as {@linkcode capture} takes them. */
export function captureOptions(options: Record<string, unknown>): CaptureOptions {
  return optionsOf(nflogEntries, options, CAPTURED);
}

/** Options of {@linkcode capture}. */
export interface CaptureOptions {
  /** Group of the firewall rule, 0 to 65535. */
  group: number;
  /**
   * Bytes kept of each packet, 0 to 65531; 0 keeps all.
   *
   * @default {0}
   */
  copyRange?: number;
  /**
   * Size of the socket's receive buffer, in bytes: it holds packets while the program is busy.
   *
   * @default {8388608}
   */
  bufferSize?: number;
  /**
   * Packets that the kernel collects before it delivers them. Fewer arrive earlier, more need less
   * CPU.
   *
   * @default {512}
   */
  queueThreshold?: number;
  /**
   * Longest time that the kernel collects, in milliseconds, a multiple of 10.
   *
   * @default {100}
   */
  queueTimeoutMs?: number;
  /**
   * Network namespace of the group: a path, as in `/run/netns/blue`, or the id of a process in it.
   * Needs CAP_SYS_ADMIN.
   *
   * @default {undefined} The namespace of this process.
   */
  netns?: string | number;
  /**
   * Actions of rules by patterns of their prefixes, for `packet.action`: `*` stands for any text, `?`
   * for one character. Of several patterns that match the most specific one counts.
   *
   * @default {{}}
   */
  actions?: ActionPatterns;
  /** Ends the capture: the loop then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with warnings, such as about a smaller buffer than requested.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Captured packets, for a `for await` loop. Leaving the loop, an abort, or the end of an `await
 * using` block closes the capture. Kept packets stay valid; each keeps its whole datagram in memory
 * (128 KiB at the most), unless it is copied with `packet.copy()`.
 */
export class Capture extends LiveRecords<Packet> {
  /** Called by {@linkcode capture}. */
  constructor(reader: Reader, actions: ActionTable, signal: AbortSignal | undefined) {
    const decoder = new NflogDecoder();
    let raw = new RawPacket(reader.interfaces);
    super({
      reader,
      decoder,
      next() {
        if (!decoder.next(raw)) return undefined;
        const filled = raw;
        filled.interfaces = reader.interfaces;
        filled.actions = actions;
        raw = new RawPacket(filled.interfaces);
        return new Packet(filled);
      },
      signal,
    });
  }
}

/**
 * Captures the packets that a firewall rule sends to an NFLOG group. Needs
 * Linux, the right to configure netfilter (CAP_NET_ADMIN) and `--allow-ffi`.
 *
 * @param options Group and further options.
 * @returns Captured packets, complete from now on.
 * @throws {ConfigError} If an option is invalid; the message names all problems.
 * @throws {NetlinkError} If the kernel refuses; the message contains the reason and a remedy.
 * @throws {Deno.errors.NotCapable} If a permission flag is missing; the message names it.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 *
 * @example A line per packet
 * ```ts no-assert
 * import { capture } from "nfscribe";
 *
 * // nft add rule inet filter output ip daddr 192.0.2.1 log group 1
 * async function main() {
 *   await using packets = await capture({ group: 1, copyRange: 100 });
 *   for await (const packet of packets) console.log(`${packet}`);
 * }
 * console.log(main.name);
 * ```
 */
export async function capture(options: CaptureOptions): Promise<Capture> {
  const { signal, onWarning = console.warn, actions, ...table } = options;
  signal?.throwIfAborted();
  const checked = optionsOf(nflogEntries, table, "capture options");
  const problems: ConfigProblem[] = [];
  const patterns = checkActions(actions, problems);
  if (problems.length > 0) throw new ConfigError("capture options", problems);
  const reader = await NflogReader.open(checked, onWarning);
  return new Capture(reader, new ActionTable(patterns), signal);
}
