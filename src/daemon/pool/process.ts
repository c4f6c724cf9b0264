/**
 * Starts and observes the process of a sandbox, and exchanges messages with it. Its messages are
 * not trusted.
 */

import { dropAmbientCapabilities } from "../../../ffi/credentials.ts";
import { libc } from "../../../ffi/libc.ts";
import { makePipe, makeSocketPair, MessageSocket } from "../../../ffi/socket_pair.ts";
import { ChildProcess, type Exit } from "../../../ffi/spawn.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import {
  FromSandbox,
  IS_COUNTER,
  IS_FLOW,
  type Message,
  MESSAGE_MAX,
  messageBytes,
  NO_ETHERTYPE,
  NO_PAYLOAD,
  readMessage,
  ToSandbox,
} from "../../sandbox/messages.ts";
import type { Ring, RingSize } from "../../sandbox/ring.ts";
import type { SandboxStart } from "../../sandbox/setup.ts";
import { argumentsOf, environmentOf } from "./command.ts";
import { nameMessages } from "./name_messages.ts";
import type { SandboxLog } from "./sandbox_log.ts";
import type { ScriptFiles } from "./script_files.ts";
import type { SandboxWatch } from "./watch.ts";

/** Time limit for loading and starting a script, in milliseconds. */
const LOAD_MS = 30_000;
/** Messages to read in one turn, and the rate limit in messages a second. */
const MESSAGES_AT_ONCE = 64;
const MESSAGES_PER_SECOND = 2000;
/** Limit for the printed text that is kept for the log, in bytes. */
const PRINTED_MAX = 2000;
/** Limits of the tick interval, in milliseconds. */
const TICK_MS = { least: 10, most: 86_400_000 };
/** `O_RDWR | O_CLOEXEC` (asm-generic/fcntl.h) */
const O_RDWR_CLOEXEC = 2 | 0o2000000;

/** `SIGKILL` (asm-generic/signal.h) */
const SIGKILL = 9;
/** Names of signals that end a process. */
const SIGNALS: Readonly<Record<number, string>> = {
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL (of another process, or of the kernel where memory is out: see dmesg)",
  11: "SIGSEGV",
  15: "SIGTERM",
  25: "SIGXFSZ",
  31: "SIGSYS: it made a system call that ends it",
};

/** Options of a process. */
export interface ProcessPlan {
  /** Shared memory: its slots, size and descriptor. */
  ring: Ring;
  size: RingSize;
  memory: number;
  /** Setup and seal. */
  start: SandboxStart;
  /** Files of the script; undefined without one. */
  files: ScriptFiles | undefined;
  /** Waits for its descriptors. */
  watch: SandboxWatch;
  /** Receives its messages. */
  log: SandboxLog;
  /** Module to run; set by tests. */
  entry?: string | undefined;
}

/** Callbacks for events of a process. */
export interface ProcessEvents {
  /**
   * The script is loaded and started, with its tick interval in milliseconds, and whether it has a
   * `stop` function.
   */
  ready(process: SandboxProcess, tickMs: number | undefined, stops: boolean): void;
  /** The script cannot be used; the process is not needed any more. */
  refused(process: SandboxProcess, file: string, message: string): void;
  /**
   * The process has ended, with the reason, and whether another process or the system killed it.
   */
  ended(process: SandboxProcess, reason: string, wasKilled: boolean): void;
  /** The script's own lines wait for a slot. */
  lines(process: SandboxProcess): void;
}

/** Process of a sandbox. */
export class SandboxProcess {
  /** Whether the script is loaded and started. */
  isReady = false;
  readonly #plan: ProcessPlan;
  readonly #events: ProcessEvents;
  readonly #child: ChildProcess;
  readonly #socket: MessageSocket;
  readonly #printed: number;
  /** Messages that wait for room in the socket. */
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  readonly #tables: InterfaceTable[];
  readonly #loading: ReturnType<typeof setTimeout>;
  #tablesSent = 0;
  #slotsDispatched = 0;
  #isSealed = false;
  #isRefused = false;
  #hasEnded = false;
  #printedText = "";
  /** Reason of the kill, if it was killed. */
  #killedFor: string | undefined;
  #second = 0;
  #messages = 0;

  /**
   * Starts the process.
   *
   * @throws {NetlinkError} If the system refuses.
   */
  constructor(plan: ProcessPlan, events: ProcessEvents) {
    this.#plan = plan;
    this.#events = events;
    this.#tables = plan.start.setup.sources.map(() => new InterfaceTable());
    const { watch } = plan;
    dropAmbientCapabilities();
    const [own, other] = makeSocketPair();
    const [readEnd, writeEnd] = makePipe();
    const nowhere = libc().open(new TextEncoder().encode("/dev/null\0"), O_RDWR_CLOEXEC);
    this.#socket = new MessageSocket(own, MESSAGE_MAX);
    this.#printed = readEnd;
    try {
      const waker = watch.waker.descriptor;
      this.#child = new ChildProcess({
        path: "/proc/self/exe",
        args: argumentsOf(plan.start, plan.entry),
        env: environmentOf(plan.start),
        descriptors: [nowhere, writeEnd, writeEnd, plan.memory, other, waker],
      });
    } catch (error) {
      libc().close(own);
      libc().close(readEnd);
      throw error;
    } finally {
      for (const descriptor of [other, writeEnd, nowhere]) libc().close(descriptor);
    }
    watch.add(own, () => this.#onSocket());
    watch.add(readEnd, () => this.#onPrinted());
    watch.add(this.#child.descriptor, () => this.#onEnd());
    this.#loading = setTimeout(
      () => this.kill(`it takes more than ${LOAD_MS / 1000} seconds to start`),
      LOAD_MS,
    );
    this.#sendHello();
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Sends a source's interface names, unless it has them.
   *
   * @returns Number of tables that it must have read before the datagram.
   */
  sendInterfaces(source: number, table: InterfaceTable): number {
    if (this.#tables[source] !== table) {
      this.#tables[source] = table;
      this.#tablesSent++;
      for (const message of nameMessages(source, table)) this.#send(message);
    }
    return this.#tablesSent;
  }

  /** Dispatches a slot to it. */
  dispatch(slot: number): void {
    this.#plan.ring.dispatch(slot, this.#slotsDispatched++);
  }

  kill(reason: string): void {
    this.#killedFor ??= reason;
    this.#child.kill();
  }

  /** Reads all its pending messages. */
  drain(): void {
    if (this.#hasEnded) return;
    while (this.#onSocket());
    this.#onPrinted();
  }

  #sendHello(): void {
    const { ring, size, start } = this.#plan;
    const { written } = new TextEncoder().encodeInto(JSON.stringify(start), ring.transfer);
    this.#send(messageBytes(ToSandbox.HELLO, [size.slots, size.areas, written]));
  }

  #send(message: Uint8Array<ArrayBuffer>): void {
    if (this.#hasEnded) return;
    this.#waiting.push(message);
    if (this.#waiting.length === 1) this.#flush();
  }

  #flush(): void {
    const before = this.#waiting.length;
    while (this.#waiting.length > 0 && this.#socket.send(this.#waiting[0]!)) this.#waiting.shift();
    if (this.#hasEnded) return;
    const isBehind = this.#waiting.length > 0;
    if (isBehind || before > 1) this.#plan.watch.watchRoom(this.#socket.descriptor, isBehind);
  }

  /** Reads some messages; returns whether there may be more. */
  #onSocket(): boolean {
    if (this.#waiting.length > 0) this.#flush();
    for (let count = 0; count < MESSAGES_AT_ONCE; count++) {
      const bytes = this.#socket.receive();
      if (bytes === "nothing") return false;
      // The exit status will tell the reason of an exit; a live process without its socket is
      // useless.
      if (bytes === "closed") {
        this.#child.kill();
        this.#waiting.length = 0;
        this.#plan.watch.remove(this.#socket.descriptor);
        return false;
      }
      const message = typeof bytes === "string" ? undefined : readMessage(bytes);
      if (message === undefined || this.#isTooMany() || !this.#take(message)) {
        this.kill("it sent an invalid message");
        return false;
      }
    }
    return true;
  }

  #isTooMany(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#messages = 0;
    }
    return this.#messages++ >= MESSAGES_PER_SECOND;
  }

  /** Handles a message; returns false if it is invalid. */
  #take({ type, numbers, texts }: Message): boolean {
    const { log } = this.#plan;
    const [first, second] = texts;
    // Messages after a refusal or a kill are ignored.
    if (this.#isRefused || this.#killedFor !== undefined) return true;
    switch (type) {
      case FromSandbox.FILE:
        if (this.#isSealed || second === undefined) return false;
        return this.#sendFile(first!, second);
      case FromSandbox.SEALED:
        if (this.#isSealed) return false;
        this.#isSealed = true;
        return true;
      case FromSandbox.READY:
        return this.#onReady(numbers);
      case FromSandbox.REFUSED:
        if (this.isReady || second === undefined) return false;
        this.#isRefused = true;
        this.#events.refused(this, first!, second);
        return true;
      case FromSandbox.LOG: {
        if (first === undefined) return false;
        const fields: [string, string][] = [];
        for (let at = 1; at + 1 < texts.length; at += 2) fields.push([texts[at]!, texts[at + 1]!]);
        log.write("info", `filter: ${first}`, fields);
        return true;
      }
      case FromSandbox.UNFIT:
        return this.#warnUnfit(numbers);
      case FromSandbox.UNKNOWN_OUTPUT: {
        if (first === undefined) return false;
        const names = this.#plan.start.setup.outputs.map(({ name }) => `"${name}"`).join(", ");
        const what = `The filter returned ${JSON.stringify(first.slice(0, 100))}`;
        log.write("warn", `${what}: there is no such output, only ${names}`);
        return true;
      }
      case FromSandbox.FAULT:
        if (first === undefined) return false;
        log.write("error", `The filter failed: ${first}`);
        return true;
      case FromSandbox.SUPPRESSED:
        if (numbers.length !== 1) return false;
        log.countSuppressed(numbers[0]!);
        return true;
      case FromSandbox.LINES:
        this.#events.lines(this);
        return true;
    }
    return false;
  }

  #warnUnfit([index = -1, etherType = 0]: readonly number[]): boolean {
    const output = this.#plan.start.setup.outputs[index];
    if (output === undefined || etherType > IS_COUNTER) return false;
    this.#plan.log.write(
      "warn",
      `${unfitText(etherType)} has no place in a ${output.type} output; such ` +
        `${KINDS[etherType] ?? "packets"} are counted as failed`,
      [["output", output.name]],
    );
    return true;
  }

  /** Sends a file that the script imports. */
  #sendFile(kind: string, path: string): boolean {
    const { files, ring } = this.#plan;
    if (files === undefined) return false;
    const read = files.read(kind, path);
    if ("problem" in read) {
      this.#send(messageBytes(ToSandbox.NO_FILE, [], [read.problem]));
    } else {
      ring.transfer.set(read.bytes);
      this.#send(messageBytes(ToSandbox.FILE, [read.bytes.length]));
    }
    return true;
  }

  #onReady([tickMs = 0, stops = 0]: readonly number[]): boolean {
    const isTick = tickMs === 0 || tickMs >= TICK_MS.least && tickMs <= TICK_MS.most;
    if (!this.#isSealed || this.isReady || !isTick) return false;
    this.isReady = true;
    clearTimeout(this.#loading);
    this.#events.ready(this, tickMs === 0 ? undefined : tickMs, stops !== 0);
    return true;
  }

  /** Keeps the beginning of the output of Deno and native libraries, and drops the rest. */
  #onPrinted(): void {
    const buffer = new Uint8Array(16_384);
    const length = Number(libc().read(this.#printed, buffer, BigInt(buffer.length)));
    if (length === 0) return this.#plan.watch.remove(this.#printed);
    const room = PRINTED_MAX - this.#printedText.length;
    if (length < 0 || room <= 0) return;
    const text = new TextDecoder().decode(buffer.subarray(0, length));
    this.#printedText += text.slice(0, room);
  }

  #onEnd(): void {
    const { exit } = this.#child;
    if (exit === undefined || this.#hasEnded) return;
    this.drain();
    this.#hasEnded = true;
    clearTimeout(this.#loading);
    const { watch, log } = this.#plan;
    for (const fd of [this.#socket.descriptor, this.#printed, this.#child.descriptor]) {
      watch.remove(fd);
    }
    this.#socket[Symbol.dispose]();
    libc().close(this.#printed);
    this.#child[Symbol.dispose]();
    const reason = this.#killedFor ?? this.#reasonOf(exit);
    if (this.#killedFor === undefined && this.#printedText.trim() !== "") {
      log.write("warn", "The sandbox printed before its end", [["text", this.#printedText.trim()]]);
    }
    const wasKilled = this.#killedFor === undefined && exit.signal === SIGKILL;
    this.#events.ended(this, reason, wasKilled);
  }

  #reasonOf({ status, signal }: Exit): string {
    const { heap } = this.#plan.start.seal;
    if (/out of memory/i.test(this.#printedText)) {
      return `it needs more memory than memory_mb = ${heap / 1024 / 1024}`;
    }
    return signal === undefined
      ? `it ended by itself with status ${status}`
      : `signal ${SIGNALS[signal] ?? signal} ended it`;
  }
}

/** Words for records other than packets. */
const KINDS: Readonly<Record<number, string>> = { [IS_FLOW]: "flows", [IS_COUNTER]: "counters" };

/** Describes a record that an output's format cannot hold. */
function unfitText(etherType: number): string {
  if (etherType === IS_FLOW) return "A flow";
  if (etherType === IS_COUNTER) return "A counter";
  if (etherType === NO_PAYLOAD) return "A packet without payload";
  if (etherType === NO_ETHERTYPE) return "A packet of unknown kind";
  return `A packet of ethertype 0x${etherType.toString(16).padStart(4, "0")}`;
}
