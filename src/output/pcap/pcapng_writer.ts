/**
 * The privileged half of pcapng files: appends areas of blocks, and records losses between them.
 */

import { FileWriter } from "../file/file_writer.ts";
import { openFile } from "../file/open.ts";
import type { StreamWriter } from "../file/stream_writer.ts";
import type { Delivery, Writer } from "../output.ts";
import type { Loss } from "../../record/loss.ts";
import { lossSection, sourceText } from "../../pcap/write/block.ts";
import type { PcapOptions } from "./options.ts";
import type { LinkType } from "../../pcap/link/framing.ts";
import { type BlocksEnd, endOfBlocks, pcapngHeader, unnamedInterface } from "./pcapng_file.ts";
import { SectionJoiner } from "../../pcap/write/sections.ts";

/** State of the current file's last section. */
interface Sections {
  joiner: SectionJoiner;
}

/** Appends areas to a file and joins them into one section. */
export class PcapngWriter implements Writer {
  readonly #file: FileWriter | StreamWriter;
  readonly #linkType: LinkType;
  readonly #sections: Sections;
  readonly #delivery: Delivery = { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0 };

  private constructor(
    file: FileWriter | StreamWriter,
    linkType: LinkType,
    sections: Sections,
  ) {
    this.#file = file;
    this.#linkType = linkType;
    this.#sections = sections;
  }

  /**
   * Opens a file to append to.
   *
   * @param options Checked options.
   * @param warn Receives a warning if a torn end was cut off.
   * @throws {OutputError} If it cannot be opened, or has another format.
   */
  static async open(
    options: PcapOptions,
    warn: (message: string) => void,
  ): Promise<PcapngWriter> {
    const { linkType } = options;
    const sections = { joiner: new SectionJoiner(undefined) };
    let checked: BlocksEnd | undefined;
    const file = await openFile(options, {
      header: pcapngHeader(linkType),
      check(readAt, size) {
        return checked = endOfBlocks(readAt, size, linkType);
      },
      opens(isNew) {
        const described = isNew ? [unnamedInterface(linkType)] : checked?.described;
        sections.joiner = new SectionJoiner(described);
      },
    }, warn);
    return new PcapngWriter(file, linkType, sections);
  }

  /** Packets and bytes written: the file has fewer bytes than the encoders made. */
  get delivery(): Delivery {
    return this.#delivery;
  }

  /**
   * Writes whole areas, joined into one section.
   *
   * @throws {OutputError} If they could not be written; a regular file still ends at a whole block.
   */
  write(bytes: Uint8Array, packets: number): void | Promise<void> {
    // Another file begins with a section of its own.
    if (this.#file instanceof FileWriter) this.#file.makeReady(bytes.length);
    const { joiner } = this.#sections;
    const joined = joiner.join(bytes);
    const written = () => {
      this.#delivery.written += packets;
      this.#delivery.bytes += joined.length;
    };
    const failed = (error: unknown): never => {
      joiner.undo();
      throw error;
    };
    let writing;
    try {
      writing = this.#file instanceof FileWriter
        ? this.#file.append(joined)
        : this.#file.write(joined);
    } catch (error) {
      failed(error);
    }
    if (writing === undefined) return written();
    return writing.then(written, failed);
  }

  /**
   * Records that packets were lost before the next ones.
   *
   * @throws {OutputError} If it could not be written.
   */
  lost({ host = "", source, packets, seconds, nanoseconds }: Loss): void | Promise<void> {
    const name = sourceText(host, source);
    return this.write(lossSection(this.#linkType, name, packets, seconds, nanoseconds), 0);
  }

  /** Whether it is not a regular file. */
  get isStream(): boolean {
    return this.#file.isStream;
  }

  /** Reopens the path after another program moved the file away. */
  reopen(): void {
    if (this.#file instanceof FileWriter) this.#file.reopen();
  }

  /** Closes the file. */
  close(): Promise<void> {
    return this.#file.close();
  }

  /** Closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
