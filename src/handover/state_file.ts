/** Stores the state of sockets in a memory file, which outlives the process. */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { makeMemoryFile, readMemoryFile, writeMemoryFile } from "../../ffi/memory_file.ts";
import { decodeState, encodeState, type InheritedSource } from "./state.ts";

/** Space, as padding. */
const SPACE = 0x20;

/** Memory file with a state. */
export class StateFile implements Disposable {
  /** Descriptor, to be stored at the service manager. */
  readonly descriptor: number;
  /** Written length, in bytes. */
  #length = 0;
  /** Sequence numbers in the file. */
  #expected: readonly (number | undefined)[] = [];

  /**
   * Creates a file, or adopts one.
   *
   * @param descriptor Open descriptor, owned by this object.
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(descriptor: number = makeMemoryFile("nfscribe-state")) {
    this.descriptor = descriptor;
  }

  /** Reads the state; undefined if it is invalid. */
  read(): InheritedSource[] | undefined {
    try {
      const bytes = readMemoryFile(this.descriptor);
      this.#length = bytes.length;
      return decodeState(bytes);
    } catch {
      return undefined;
    }
  }

  /**
   * Writes the state. Up to a page, about forty sources, is written atomically even if this process
   * is killed.
   */
  write(sources: readonly InheritedSource[]): void {
    const state = encodeState(sources);
    // The file never shrinks, so that it is never truncated.
    const bytes = new Uint8Array(Math.max(state.length, this.#length)).fill(SPACE);
    bytes.set(state);
    writeMemoryFile(this.descriptor, bytes);
    this.#length = bytes.length;
    this.#expected = sources.map(({ expected }) => expected);
  }

  /** Writes the state if a sequence number has changed; cheap otherwise. */
  update(sources: readonly InheritedSource[]): void {
    for (let index = 0; index < sources.length; index++) {
      if (sources[index]!.expected !== this.#expected[index]) return this.write(sources);
    }
  }

  /** Closes the descriptor; copies in other processes stay open. */
  [Symbol.dispose](): void {
    closeDescriptor(this.descriptor);
  }
}
