/** Several capture files read in turn, such as the files of a rotated capture. */

import { InputError } from "../../errors.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import { type Moment, NOTHING_QUEUED, type Reader } from "../source.ts";
import { type PcapSourceOptions, STANDARD_INPUT } from "./options.ts";
import { paceOf, PcapReader } from "./reader.ts";

/** Options that concern the files of a source. */
export type PcapSeriesOptions = Pick<PcapSourceOptions, "path" | "follow" | "pace">;

/**
 * Opens the capture files of a source.
 *
 * @param options Checked options.
 * @param warn Receives warnings about damage in the files when it is reached.
 * @returns A reader of all files in turn.
 * @throws {InputError} If one of them cannot be opened, or has an unsupported format; the message
 *   says why and what to do.
 */
export async function openCaptures(
  { path, ...options }: PcapSeriesOptions,
  warn: (message: string) => void,
): Promise<Reader> {
  const [first, ...later] = [path].flat();
  if (later.length === 0) return await PcapReader.open({ path: first!, ...options }, warn);
  if (options.follow) {
    throw new InputError(
      first!,
      `Cannot follow ${[first, ...later].join(", ")}: one file can grow at a time; ` +
        "name one of them, or leave `follow` out",
    );
  }
  // Errors in later files are reported before any packet is processed.
  for (const file of later) if (await isRegular(file)) await check(file);
  const pace = paceOf(options);
  const reader = await PcapReader.open({ path: first!, ...options }, warn, pace);
  return new PcapSeries(reader, later, (file) => PcapReader.open({ path: file }, warn, pace));
}

/**
 * Returns whether a file is regular: only such a file can be read twice. A missing file counts as
 * regular.
 */
async function isRegular(path: string): Promise<boolean> {
  if (path === STANDARD_INPUT) return false;
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return true;
  }
}

async function check(path: string): Promise<void> {
  await using _reader = await PcapReader.open({ path }, () => {});
}

/** Reads files in turn. */
class PcapSeries implements Reader {
  readonly foreign = 0;
  readonly droppedDatagrams = 0;
  readonly clock: Moment = { seconds: 0, nanoseconds: 0 };
  #reader: PcapReader;
  readonly #later: string[];
  readonly #open: (path: string) => Promise<PcapReader>;
  #opening: Promise<void> | undefined;
  /** Error of opening the next file. */
  #failure: unknown;
  /** Bytes of the files before the current one. */
  #bytesBefore = 0;
  #stopped = false;
  #wake = Promise.withResolvers<void>();

  constructor(
    reader: PcapReader,
    later: readonly string[],
    open: (path: string) => Promise<PcapReader>,
  ) {
    this.#reader = reader;
    this.#later = [...later];
    this.#open = open;
  }

  get interfaces(): InterfaceTable {
    return this.#reader.interfaces;
  }

  get bytesRead(): number {
    return this.#bytesBefore + (this.#reader.bytesRead ?? 0);
  }

  get ended(): boolean {
    return this.#reader.ended && (this.#stopped || this.#isLast);
  }

  get needsEventLoop(): boolean {
    return this.#reader.needsEventLoop;
  }

  receive(buffer: Uint8Array): number {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#stopped ? NOTHING_QUEUED : this.#reader.receive(buffer);
  }

  async wait(): Promise<void> {
    if (this.ended || this.#failure !== undefined) return;
    if (!this.#reader.ended) return await this.#reader.wait();
    await Promise.race([this.#opening ??= this.#next(), this.#wake.promise]);
    this.#wake = Promise.withResolvers();
  }

  wake(): void {
    this.#wake.resolve();
    this.#reader.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#reader.stop();
    this.#wake.resolve();
  }

  close(): Promise<void> {
    this.stop();
    return this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #isLast(): boolean {
    return this.#later.length === 0 && this.#opening === undefined && this.#failure === undefined;
  }

  /** Opens the next file, which may be a pipe without a writer yet. */
  async #next(): Promise<void> {
    try {
      const reader = await this.#open(this.#later.shift()!);
      await this.#reader.close();
      this.#bytesBefore = this.bytesRead;
      this.#reader = reader;
      // The series was stopped while the file was opened.
      if (this.#stopped) await reader.close();
    } catch (error) {
      this.#failure = error;
    }
    this.#opening = undefined;
  }
}
