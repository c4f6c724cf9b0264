/**
 * Where the bytes of a capture file come from.
 *
 * @module
 */

/** Gives bytes, one behind the other. */
export interface ByteSource {
  /** Whether the bytes were packed, and so lie elsewhere in the file. */
  readonly isUnpacked: boolean;
  /** Bytes that were read so far, packed ones as they are; absent where nothing is counted. */
  readonly bytesRead?: number | undefined;
  /** Whether even the first bytes may be long in coming. */
  readonly mayWait: boolean;
  /**
   * Reads without waiting; only files have this.
   *
   * @returns How many bytes came; 0 where none is there yet, null where none will come.
   */
  readSync?(buffer: Uint8Array<ArrayBuffer>): number | null;
  /** Reads, and waits until there is something; null where nothing will come. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Whether the file was exchanged for another one, which then is read from its beginning. */
  moved?(): boolean;
  /** Gives it up; a read that waits ends then. */
  close(): void;
}
