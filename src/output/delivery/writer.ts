/**
 * The privileged half of an output into a database: writes rows to the spool at once, from which a
 * thread sends them.
 */

import { OutputError } from "../../errors.ts";
import type { Loss } from "../../record/loss.ts";
import { isGranted, type Need } from "../../permission.ts";
import { threadUrl } from "../../threads.ts";
import type { ChunkWriter, Delivery, OutputLog, Writer, WriterProblem } from "../output.ts";
import type { Counters } from "../../record/counters.ts";
import { type CompleteDelivery, tablesOf } from "./complete.ts";
import { ChunkFrame } from "./chunks.ts";
import { lossFrame } from "./losses.ts";
import { SpooledChunks } from "./spooled_chunks.ts";
import type { DeliverySetup, FromSender, ToSender } from "./messages.ts";
import { Spooler } from "./spooler.ts";

/** Time limit of the sender at an urgent stop, in milliseconds; then it is terminated. */
const END_MS = 15_000;

/** The thread that sends rows. */
export interface SenderThread<Target> {
  /** Its module, below `src/`. */
  module: string;
  /** Its name. */
  name: string;
  /** The receiver's address in messages. */
  where: string;
  /** Permissions for the receiver. */
  needs: readonly Need[];
  /** The receiver, as the thread gets it. */
  target: Target;
  /** Whether it has a table for losses. */
  keepsLosses?: boolean;
  /** Whether it has a table for chunks, so that it loads each once. */
  keepsOrigins?: boolean;
  /** Whether it sends the counters of the process. */
  sendsReports?: boolean;
}

/** Writes rows to the spool, and manages the sender. */
export class SpoolWriter<Target> implements Writer {
  /** Writes a note of lost packets to the spool, where the receiver has a table for them. */
  readonly lost?: (loss: Loss) => void | Promise<void>;
  /** Chunks of messages. */
  readonly chunks: ChunkWriter & Pick<SpooledChunks, "close">;
  /** Passes the counters of the process to a thread that sends them. */
  readonly report?: (counters: Counters, output: string) => void;
  readonly #worker: Worker;
  readonly #log: OutputLog;
  readonly #spooler: Spooler;
  readonly #where: string;
  readonly #first = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #problem: WriterProblem | undefined;
  #hurried = false;
  #isOpen = false;
  #hasEnded = false;
  #closing = false;
  #deadline: ReturnType<typeof setTimeout> | undefined;

  private constructor(options: CompleteDelivery, thread: SenderThread<Target>, log: OutputLog) {
    const { spool } = options;
    const { target } = thread;
    // Each writer's own: the receiver's position is one in what it has appended. An output that is
    // opened again, as a reload does that takes a change back, has the options of before.
    const session = crypto.randomUUID();
    this.#log = log;
    this.#where = thread.where;
    this.#spooler = new Spooler(
      {
        folder: spool,
        limit: options.spoolLimit,
        sync: options.spoolSync,
        whenFull: options.whenFull,
        session,
      },
      log,
      (segment) => this.#post({ kind: "segment", segment }),
    );
    if (thread.keepsLosses === true) {
      this.lost = (loss) => {
        const tag = this.#spooler.tagOf(ChunkFrame.LOSS);
        return this.#spooler.append(lossFrame(loss, options), 0, tag);
      };
    }
    const isSynced = options.spoolSync === "second";
    this.chunks = new SpooledChunks(this.#spooler, {
      marks: thread.keepsOrigins === true,
      isSynced,
      isSending: () => !this.#hasEnded,
    });
    if (thread.sendsReports === true) {
      this.report = ({ sources, filter, outputs }, output) =>
        this.#post({ kind: "report", counters: { sources, filter, outputs }, output });
    }
    this.#worker = startWorker(thread, spool);
    this.#worker.onmessage = ({ data }: MessageEvent<FromSender>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#end(`the sender failed: ${event.message}`);
    };
    this.#post({ kind: "start", setup: setupOf(options, session, this.#spooler), target });
  }

  /**
   * Opens the spool and connects. A receiver that is away is no failure: rows wait.
   *
   * @param options Complete options.
   * @param thread The thread that sends rows.
   * @param log Receives messages.
   * @throws {OutputError} If the spool, the connection or the table is unusable.
   */
  static async open<Target>(
    options: CompleteDelivery,
    thread: SenderThread<Target>,
    log: OutputLog,
  ): Promise<SpoolWriter<Target>> {
    const writer = new SpoolWriter(options, thread, log);
    try {
      await writer.#first.promise;
    } catch (error) {
      writer.#worker.terminate();
      writer.#spooler.close();
      throw error;
    }
    return writer;
  }

  /** Writes rows to the spool; waits only if it is full and the policy is to block. */
  write(bytes: Uint8Array, packets: number): void | Promise<void> {
    return this.#spooler.append(bytes, packets, this.#spooler.tagOf(ChunkFrame.ROWS));
  }

  /** Bounds the wait for a full spool from now on. */
  hurry(): void {
    this.#hurried = true;
    this.#spooler.hurry();
    if (this.#closing) this.#stop();
  }

  /** Delivery of the rows. */
  get delivery(): Delivery {
    const { numbers, dropped } = this.#spooler;
    return {
      // Rows that the receiver had by another way are there.
      written: numbers.get("written") + numbers.get("repeated"),
      bytes: numbers.get("bytes"),
      failed: numbers.get("refused") + numbers.get("lost"),
      dropped,
      spooled: numbers.waiting,
    };
  }

  /** Reason why rows are not sent. */
  get problem(): WriterProblem | undefined {
    return this.#problem;
  }

  /** Returns figures about the sender: rows, times and bytes. */
  figures(): Record<string, number> {
    const { numbers, used } = this.#spooler;
    const oldestMs = numbers.get("oldestMs");
    const repeated = numbers.get("repeated");
    return {
      batches: numbers.get("batches"),
      lag_ms: oldestMs === 0 ? 0 : Math.max(0, Date.now() - oldestMs),
      spool_bytes: used,
      retries: numbers.get("retries"),
      quarantined: numbers.get("quarantined"),
      recovered: numbers.get("recovered"),
      ...repeated > 0 && { repeated },
    };
  }

  /** Sends the rest while the receiver accepts it; rows that are left wait for the next start. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stop();
    await this.#stopped.promise;
    clearTimeout(this.#deadline);
    this.#worker.terminate();
    this.chunks.close();
    this.#spooler.close();
    const { spooled } = this.delivery;
    if (spooled > 0) {
      this.#log.warn("Rows wait in the spool: the next start sends them", { spooled });
    }
  }

  /** Closes it in the same way. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stop(): void {
    this.#post({ kind: "stop", urgent: this.#hurried });
    if (this.#hurried) this.#deadline ??= setTimeout(() => this.#stopped.resolve(), END_MS);
  }

  #take(message: FromSender): void {
    switch (message.kind) {
      case "ready":
        this.#isOpen = true;
        return this.#first.resolve();
      case "denied":
        return this.#first.reject(new OutputError(this.#where, message.message));
      case "problem":
        this.#problem = message.message === undefined ? undefined : {
          message: message.message,
          sinceMs: this.#problem?.sinceMs ?? performance.now(),
        };
        return;
      case "log":
        return this.#log[message.level](message.message, message.fields);
      case "stopped":
        return this.#end("it ended");
    }
  }

  /** Handles the end of the sender, or its failure to start; rows wait in the spool. */
  #end(reason: string): void {
    this.#hasEnded = true;
    if (this.#isOpen && !this.#closing) {
      const message =
        `Rows are no longer sent: ${reason}; they wait in the spool for the next start`;
      this.#problem = { message, sinceMs: -Infinity };
      this.#log.warn(message);
    }
    this.#first.reject(new OutputError(this.#where, `Cannot send to ${this.#where}: ${reason}`));
    this.#stopped.resolve();
  }

  #post(message: ToSender<Target>): void {
    this.#worker.postMessage(message);
  }
}

/** Starts the thread with only the permissions that it needs. */
function startWorker<Target>(
  { module, name, needs }: SenderThread<Target>,
  spool: string,
): Worker {
  const granted = needs.filter((need) => need.isOptional !== true || isGranted(need));
  const values = (name: Need["name"]) =>
    granted.filter((need) => need.name === name).map(({ value }) => value!);
  return new Worker(threadUrl(module), {
    type: "module",
    name,
    deno: {
      permissions: {
        net: values("net"),
        read: [spool, ...values("read")],
        write: [spool, ...values("write")],
        env: false,
        sys: values("sys") as Deno.SysPermissionDescriptor["kind"][],
        ffi: false,
        run: false,
        import: false,
      },
    },
  } as WorkerOptions);
}

function setupOf(options: CompleteDelivery, session: string, spooler: Spooler): DeliverySetup {
  const { hostname, flushMs, flushRows, spool, spoolSync } = options;
  return {
    tables: tablesOf(options),
    folder: spool,
    session,
    host: hostname,
    flushMs,
    flushRows,
    sync: spoolSync === "second",
    found: [...spooler.found],
    numbers: spooler.numbers.shared,
  };
}
