/** Interface of the streams that a capture file is read from. */

/** A stream of bytes. */
export interface ByteSource {
  /** Whether the bytes are decompressed, so that their offsets are not those of the file. */
  readonly isUnpacked: boolean;
  /** Bytes read so far, before decompression; absent if they are not counted. */
  readonly bytesRead?: number | undefined;
  /** Whether even the first bytes may take long to arrive. */
  readonly mayWait: boolean;
  /**
   * Reads without waiting; only files have this.
   *
   * @returns The number of bytes read; 0 if none is available yet, null at the end.
   */
  readSync?(buffer: Uint8Array<ArrayBuffer>): number | null;
  /** Reads, and waits until there are bytes; null at the end. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /**
   * Returns whether another file has replaced this one; reading then continues at the new file's
   * start.
   */
  moved?(): boolean;
  /**
   * Reads no more of this file, which is of no use; another one that replaces it is read. Only what
   * may be replaced has this.
   */
  ignore?(): void;
  /** Closes it; a pending read ends. */
  close(): void;
}
