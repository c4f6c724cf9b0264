/**
 * The privileged thread's end of one sandbox: its slots, what it is working on,
 * and what it says, none of which is trusted.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { FilterPermissions } from "../filter/options.ts";
import { InterfaceTable } from "../packet/interface.ts";
import { fileName } from "../sandbox/file_name.ts";
import type {
  FromBroker,
  FromSandbox,
  SandboxSetup,
  ToSandbox,
  TraceRow,
} from "../sandbox/messages.ts";
import { type Events, Mailbox } from "../sandbox/mailbox.ts";
import { makeRing, Ring } from "../sandbox/ring.ts";
import { type Slot, State } from "../sandbox/slot.ts";
import { Broker, brokerPaths } from "./broker.ts";
import type { Log } from "./log.ts";

/** How long a script may take to load and start, in milliseconds. */
const LOAD_MS = 30_000;

/** How long the last messages of a sandbox may take to arrive, in milliseconds. */
const SETTLE_MS = 1000;

/** Characters of anything that a sandbox tells that are kept. */
const TEXT_MAX = 4000;

/** What sandboxes are made with, the same for all of a pipeline. */
export interface SandboxPlan {
  /** The script's path; undefined without one. */
  scriptPath: string | undefined;
  /** What the script is granted. */
  permissions: FilterPermissions;
  /** Told when a slot is given back. */
  events: Events;
  /** Slots of each. */
  slots: number;
  /** The heap limit of each, in MiB. */
  memoryMb: number;
  /** Told what was decided about each packet, in order; without it nothing is. */
  onTrace?: ((rows: TraceRow[]) => void) | undefined;
  /** nfscribe's own messages. */
  log: Log;
  /** Called when there is something to do. */
  wake(): void;
}

/** One sandbox, ready to work. */
export class Sandbox {
  /** Slots that are free to be filled. */
  readonly free: Slot[];
  /** Slots dealt to it that are not given back as done, in order. */
  readonly dealt: Slot[] = [];
  /** Files that the script is made of. */
  files: readonly string[] = [];
  /** How often `tick` is wanted, in milliseconds. */
  tickMs: number | undefined;
  /** Whether the script wants to be told of its end. */
  stops = false;
  /** Lines of the script's own wait for a slot. */
  wantsSlot = false;
  /** When it began with the slot at hand or was last seen to get on, in milliseconds. */
  busySinceMs = 0;
  /** It is still to be told of its end. */
  stopPending = false;
  /** The slot that it was last seen to work on. */
  workingOn: Slot | undefined;
  /** The slot that it worked on when it ended. */
  culprit: Slot | undefined;
  /** How many slots of an ended sandbox it will take over. */
  owed = 0;
  /** What becomes of packets here where there is no script because it does not load; undefined where there is one. */
  bare: Slot["mode"] | undefined;
  /** Why it ended; undefined while it runs. */
  ended: string | undefined;
  /** Messages sent so far. */
  #sent = 0;
  readonly #plan: SandboxPlan;
  readonly #setup: SandboxSetup;
  readonly #mailbox: Mailbox;
  readonly #tables: InterfaceTable[];
  readonly #broker: Broker;
  readonly #port: MessagePort;
  readonly #slots: readonly Slot[];
  readonly #pong = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();

  private constructor(plan: SandboxPlan, setup: Omit<SandboxSetup, "ring" | "mailbox">) {
    const ring = makeRing(plan.slots, setup.outputs.length, plan.events.shared);
    this.#plan = plan;
    this.#slots = new Ring(ring).slots;
    this.free = [...this.#slots];
    this.#mailbox = new Mailbox(plan.slots);
    this.#tables = setup.sources.map(() => new InterfaceTable());
    this.#setup = { ...setup, ring, mailbox: this.#mailbox.shared };
    const { port1, port2 } = new MessageChannel();
    const { permissions, memoryMb } = plan;
    this.#broker = new Broker(
      brokerPaths(plan.scriptPath),
      permissions,
      { setup: this.#setup, port: port2, memoryMb },
      (message) => this.#fromBroker(message),
    );
    this.#port = port1;
    port1.onmessage = ({ data }) => this.#fromSandbox(data);
  }

  /**
   * Makes a sandbox and waits until its script is loaded and started.
   *
   * @throws {ConfigError} If the script cannot be used; the message tells the place.
   */
  static async load(
    plan: SandboxPlan,
    setup: Omit<SandboxSetup, "ring" | "mailbox">,
  ): Promise<Sandbox> {
    const sandbox = new Sandbox(plan, setup);
    const timer = setTimeout(
      () => sandbox.#refuse(setup.script, `it takes more than ${LOAD_MS / 1000} seconds to start`),
      LOAD_MS,
    );
    try {
      await sandbox.#ready.promise;
    } catch (error) {
      sandbox.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return sandbox;
  }

  /** Number of the sandbox among those that work together. */
  get worker(): number {
    return this.#setup.worker;
  }

  /** The first of its slots that is not done. */
  get atHand(): Slot | undefined {
    return this.dealt.find(({ state }) => state !== State.DONE);
  }

  /**
   * Makes sure that it knows a source's interfaces by these names.
   *
   * @returns How many messages it must have taken in to know them.
   */
  tell(source: number, table: InterfaceTable): number {
    if (this.#tables[source] !== table) {
      this.#tables[source] = table;
      this.#post({ kind: "names", source, interfaces: table.names() });
      this.#sent++;
    }
    return this.#sent;
  }

  /** Hands a filled slot over. */
  deal(slot: Slot): void {
    if (this.atHand === undefined) this.busySinceMs = performance.now();
    this.dealt.push(slot);
    slot.state = State.DEALT;
    this.#mailbox.put(this.#slots.indexOf(slot));
  }

  /** Takes a slot back that is done, to be filled again. */
  takeBack(slot: Slot): void {
    this.dealt.splice(this.dealt.indexOf(slot), 1);
    slot.state = State.FREE;
    this.free.unshift(slot);
  }

  /** Waits until all that it has posted so far has arrived, but not for long. */
  async settle(): Promise<void> {
    if (this.ended !== undefined) return;
    const timer = setTimeout(this.#pong.resolve, SETTLE_MS);
    this.#post({ kind: "ping" });
    await this.#pong.promise;
    clearTimeout(timer);
  }

  /** Ends the sandbox, whatever it is doing. */
  terminate(): void {
    this.ended ??= "it was ended";
    this.#broker.terminate();
    this.#port.close();
  }

  #post(message: ToSandbox): void {
    this.#port.postMessage(message);
  }

  #refuse(script: string | undefined, message: string): void {
    const file = script === undefined ? "the sandbox" : fileName(script);
    this.#ready.reject(new ConfigError(file, [{ key: "", message }]));
  }

  #fromBroker(message: FromBroker): void {
    if (message.kind === "files") {
      this.files = message.files;
    } else if (message.kind === "refused") {
      this.#refuse(message.file, message.message);
    } else {
      this.ended = message.reason;
      this.#refuse(this.#setup.script, message.reason);
      this.#plan.wake();
    }
  }

  #fromSandbox(message: FromSandbox): void {
    const { log } = this.#plan;
    const text = (value: unknown) => oneLine(printable(String(value)).slice(0, TEXT_MAX));
    switch (message.kind) {
      case "ready":
        this.tickMs = typeof message.tickMs === "number" ? message.tickMs : undefined;
        this.stops = message.stops === true;
        this.#ready.resolve();
        break;
      case "refused":
        // A parser's message shows the place in lines of its own.
        this.#refuse(text(message.file), printable(String(message.message)).slice(0, TEXT_MAX));
        break;
      case "log": {
        const fields = Object.entries(message.fields ?? {});
        log.info(`filter: ${text(message.message)}`, {
          ...Object.fromEntries(
            fields.map(([name, value]) => [fieldName(text(name)), text(value)]),
          ),
        });
        break;
      }
      case "warning":
        log.warn(
          text(message.message),
          message.output === undefined ? {} : { output: text(message.output) },
        );
        break;
      case "fault":
        log.error(`The filter failed: ${text(message.message)}`);
        break;
      case "pong":
        this.#pong.resolve();
        break;
      case "trace":
        this.#plan.onTrace?.(message.rows);
        break;
      case "events":
        this.wantsSlot = true;
        this.#plan.wake();
        break;
    }
  }
}

/** Names of a log record's own parts, which a script must not write over. */
const OWN_FIELDS = ["time", "level", "message", "counters"];

function fieldName(name: string): string {
  return OWN_FIELDS.includes(name) ? `filter_${name}` : name;
}

/** Control characters, which could act on a terminal, as `\x1b`; line ends stay. */
function printable(text: string): string {
  return text.replaceAll(
    // deno-lint-ignore no-control-regex -- they are what is looked for
    /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** A line, which cannot be taken for another record of the log. */
function oneLine(text: string): string {
  return text.replaceAll("\n", "\\n");
}
