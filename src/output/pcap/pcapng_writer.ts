/**
 * The privileged half of a pcapng file: areas of blocks, and what was lost
 * between them.
 *
 * @module
 */

import type { FileWriter } from "../file_writer.ts";
import type { Delivery, Loss, Writer } from "../output.ts";
import { lossSection } from "./block.ts";
import type { LinkType } from "./options.ts";
import { SectionJoiner } from "./sections.ts";

/** Appends areas to a file, so that they read as one. */
export class PcapngWriter implements Writer {
  readonly #file: FileWriter;
  readonly #linkType: LinkType;
  readonly #joiner: SectionJoiner;
  readonly #delivery: Delivery = { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0 };

  /**
   * Takes over a file.
   *
   * @param file It was opened as pcapng.
   * @param linkType Its link type.
   * @param described The interface blocks of its last section; undefined where that cannot go on.
   */
  constructor(
    file: FileWriter,
    linkType: LinkType,
    described: readonly Uint8Array[] | undefined,
  ) {
    this.#file = file;
    this.#linkType = linkType;
    this.#joiner = new SectionJoiner(described);
  }

  /** What reached the file: fewer bytes than the encoders made. */
  get delivery(): Delivery {
    return this.#delivery;
  }

  /**
   * Writes whole areas, which become one section.
   *
   * @throws {OutputError} If they could not be written; a regular file ends at a whole block all the same.
   */
  write(bytes: Uint8Array, packets: number): void | Promise<void> {
    const joined = this.#joiner.join(bytes);
    const written = () => {
      this.#delivery.written += packets;
      this.#delivery.bytes += joined.length;
    };
    const failed = (error: unknown): never => {
      this.#joiner.undo();
      throw error;
    };
    let writing;
    try {
      writing = this.#file.write(joined);
    } catch (error) {
      failed(error);
    }
    if (writing === undefined) return written();
    return writing.then(written, failed);
  }

  /**
   * Notes that packets were lost before what is written next.
   *
   * @throws {OutputError} If it could not be written.
   */
  lost({ source, packets, seconds, nanoseconds }: Loss): void | Promise<void> {
    return this.write(lossSection(this.#linkType, source, packets, seconds, nanoseconds), 0);
  }

  /** Whether it is no regular file. */
  get isStream(): boolean {
    return this.#file.isStream;
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
