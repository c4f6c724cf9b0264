/**
 * The errors that nfscribe throws. Each message says what was tried, what is
 * wrong and what to do; no message ever holds a password.
 *
 * @module
 */

/** What {@linkcode NetlinkError} is made from. */
export interface NetlinkErrorOptions extends ErrorOptions {
  /** What was tried, as in `bind NFLOG group 1`. */
  operation: string;
  /** The positive error number, as in `errno.h`. */
  errno: number;
  /** The number's name, as in `EPERM`. */
  code: string;
  /** Whether a system call failed or the kernel's reply carried the error. */
  origin: "syscall" | "reply";
}

/**
 * A netlink operation that the kernel refused.
 *
 * @example Telling a missing right from everything else
 * ```ts
 * import { NetlinkError } from "nfscribe";
 *
 * const error = new NetlinkError("Cannot bind NFLOG group 1: no CAP_NET_ADMIN", {
 *   operation: "bind NFLOG group 1",
 *   errno: 1,
 *   code: "EPERM",
 *   origin: "reply",
 * });
 * if (error.code === "EPERM") console.error(error.message);
 * ```
 */
export class NetlinkError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "NetlinkError";
  /** What was tried, as in `bind NFLOG group 1`. */
  readonly operation: string;
  /** The positive error number, as in `errno.h`. */
  readonly errno: number;
  /** The number's name, as in `EPERM`. */
  readonly code: string;
  /** Whether a system call failed or the kernel's reply carried the error. */
  readonly origin: "syscall" | "reply";

  /** Makes the error from its message and its parts. */
  constructor(message: string, options: NetlinkErrorOptions) {
    super(message, options);
    this.operation = options.operation;
    this.errno = options.errno;
    this.code = options.code;
    this.origin = options.origin;
  }
}

/**
 * An output that cannot be opened or written: its name (for a file, its path)
 * and, as `cause`, what the system said.
 *
 * @example Telling which output failed
 * ```ts
 * import { OutputError } from "nfscribe";
 *
 * const error = new OutputError("trace.pcap", "Cannot open trace.pcap: no such folder");
 * console.error(error.output, error.message);
 * ```
 */
export class OutputError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "OutputError";
  /** The output's name, or its path. */
  readonly output: string;

  /** Makes the error from the output's name, its message and its cause. */
  constructor(output: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.output = output;
  }
}

/**
 * A source that cannot be opened or read: its name (for a file, its path) and,
 * as `cause`, what the system said.
 *
 * @example Telling which file failed
 * ```ts
 * import { InputError } from "nfscribe";
 *
 * const error = new InputError("trace.pcap", "Cannot read trace.pcap: it is empty");
 * console.error(error.source, error.message);
 * ```
 */
export class InputError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "InputError";
  /** The source's name, or its path. */
  readonly source: string;

  /** Makes the error from the source's name, its message and its cause. */
  constructor(source: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}

/** One thing that is wrong in a configuration. */
export interface ConfigProblem {
  /** The key as the user wrote it, as in `source[0].group`. */
  key: string;
  /** What is wrong and what would be right. */
  message: string;
}

/**
 * A configuration, or options, that cannot be used. All problems are reported
 * at once.
 *
 * @example Every problem at once
 * ```ts
 * import { capture, ConfigError } from "nfscribe";
 *
 * try {
 *   await capture({ group: 70_000, copyRange: -1 });
 * } catch (error) {
 *   if (!(error instanceof ConfigError)) throw error;
 *   for (const problem of error.problems) console.log(problem.key, problem.message);
 * }
 * ```
 */
export class ConfigError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "ConfigError";
  /** Where the configuration stands: a file's path, or `options`. */
  readonly file: string;
  /** Everything that is wrong. */
  readonly problems: readonly ConfigProblem[];

  /** Makes the error from the configuration's place and what is wrong in it. */
  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(
      problems.map(({ key, message }) =>
        key ? `${file}: ${key}: ${message}` : `${file}: ${message}`
      )
        .join("\n"),
    );
    this.file = file;
    this.problems = problems;
  }
}

/**
 * A packet was touched after its memory had been used again for another one.
 *
 * @example Keeping a packet for later
 * ```ts
 * import { type Packet, StalePacketError } from "nfscribe";
 *
 * let kept: Packet | undefined;
 * function filter(packet: Packet) {
 *   kept ??= packet.copy(); // without copy(), the next call's `kept.mark` would throw
 *   return true;
 * }
 * console.log(filter.name, new StalePacketError().message);
 * ```
 */
export class StalePacketError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "StalePacketError";

  /** Makes the error. */
  constructor() {
    super(
      "Cannot read this packet: its memory holds another packet by now; keep packets with packet.copy()",
    );
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
