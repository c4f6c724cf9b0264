/**
 * Errors of nfscribe. Each message contains what was tried, what is wrong and what to do, and never
 * a password.
 */

/** Properties of a {@linkcode NetlinkError}. */
export interface NetlinkErrorOptions extends ErrorOptions {
  /** Operation, as in `bind NFLOG group 1`. */
  operation: string;
  /** Error number, as in `errno.h`. */
  errno: number;
  /** Name of the number, as in `EPERM`. */
  code: string;
  /** Whether a system call failed or the kernel's reply carried the error. */
  origin: "syscall" | "reply";
}

/**
 * Error of a netlink operation that the kernel refused.
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
  /** Name of the class. */
  override readonly name = "NetlinkError";
  /** Operation, as in `bind NFLOG group 1`. */
  readonly operation: string;
  /** Error number, as in `errno.h`. */
  readonly errno: number;
  /** Name of the number, as in `EPERM`. */
  readonly code: string;
  /** Whether a system call failed or the kernel's reply carried the error. */
  readonly origin: "syscall" | "reply";

  /** Creates the error. */
  constructor(message: string, options: NetlinkErrorOptions) {
    super(message, options);
    this.operation = options.operation;
    this.errno = options.errno;
    this.code = options.code;
    this.origin = options.origin;
  }
}

/**
 * Error of an output that cannot be opened or written. Has the output's name (for a file, its path)
 * and, as `cause`, the system's error.
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
  /** Name of the class. */
  override readonly name = "OutputError";
  /** Name of the output, or its path. */
  readonly output: string;

  /** Creates the error. */
  constructor(output: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.output = output;
  }
}

/**
 * Error of a source that cannot be opened or read. Has the source's name (for a file, its path)
 * and, as `cause`, the system's error.
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
  /** Name of the class. */
  override readonly name = "InputError";
  /** Name of the source, or its path. */
  readonly source: string;

  /** Creates the error. */
  constructor(source: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.source = source;
  }
}

/** Problem of a configuration. */
export interface ConfigProblem {
  /** Key as the user wrote it, as in `source[0].group`. */
  key: string;
  /** Text with what is wrong and what would be right. */
  message: string;
}

/**
 * Error of a configuration, or of options. All problems are reported at once.
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
  /** Name of the class. */
  override readonly name = "ConfigError";
  /** File of the configuration, or `options`. */
  readonly file: string;
  /** All problems. */
  readonly problems: readonly ConfigProblem[];

  /** Creates the error. */
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
 * Error of reading a packet whose memory has been reused for another one.
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
  /** Name of the class. */
  override readonly name = "StalePacketError";

  /** Creates the error. */
  constructor() {
    super(
      "Cannot read this packet: its memory holds another packet by now; keep packets with packet.copy()",
    );
  }
}

/**
 * Error of reading a flow whose memory has been reused for another record.
 *
 * @example Keeping a flow for later
 * ```ts
 * import { type Flow, StaleFlowError } from "nfscribe";
 *
 * const kept: Flow[] = [];
 * // In a script: export const flow = keep;
 * const keep = (flow: Flow) => {
 *   kept.push(flow.copy());
 *   return true;
 * };
 * console.log(keep.name, new StaleFlowError().message);
 * ```
 */
export class StaleFlowError extends Error {
  /** Name of the class. */
  override readonly name = "StaleFlowError";

  /** Creates the error. */
  constructor() {
    super(
      "Cannot read this flow: its memory holds another record by now; keep flows with flow.copy()",
    );
  }
}

/**
 * Error of reading a counter whose memory has been reused for another record.
 *
 * @example Keeping a counter for later
 * ```ts
 * import { type Counter, StaleCounterError } from "nfscribe";
 *
 * const kept: Counter[] = [];
 * // In a script: export const counter = keep;
 * const keep = (counter: Counter) => {
 *   kept.push(counter.copy());
 *   return true;
 * };
 * console.log(keep.name, new StaleCounterError().message);
 * ```
 */
export class StaleCounterError extends Error {
  /** Name of the class. */
  override readonly name = "StaleCounterError";

  /** Creates the error. */
  constructor() {
    super(
      "Cannot read this counter: its memory holds another record by now; keep counters with counter.copy()",
    );
  }
}

/**
 * Returns an error's message, without the error number and the call that Deno adds to the system's
 * errors, as in `(os error 21): readfile '/tmp'`; other thrown values as text.
 */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/ \(os error \d+\)(?:: \w+ '[^]*')?$/, "");
}
