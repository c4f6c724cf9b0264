/**
 * The state of handed on sockets in a file in memory, which outlives the process
 * that writes it.
 *
 * @module
 */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { makeMemoryFile, readMemoryFile, writeMemoryFile } from "../../ffi/memory_file.ts";
import { decodeState, encodeState, type InheritedSource } from "./state.ts";

/** A space. */
const SPACE = 0x20;

/** The file. */
export class StateFile implements Disposable {
  /** The file, to hand it on. */
  readonly descriptor: number;
  /** How much of the file is written, in bytes. */
  #length = 0;
  /** The numbers in the file. */
  #expected: readonly (number | undefined)[] = [];

  /**
   * Makes a file, or goes on with one.
   *
   * @param descriptor An open one; it is this object's own.
   * @throws {NetlinkError} If the kernel refuses.
   */
  constructor(descriptor: number = makeMemoryFile("nfscribe-state")) {
    this.descriptor = descriptor;
  }

  /** What is written there; undefined where that is no state. */
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
   * Writes the state. Up to a page of memory, about forty sources, is written whole
   * or not at all, whenever this process is killed.
   */
  write(sources: readonly InheritedSource[]): void {
    const state = encodeState(sources);
    // The file never shrinks: there is no moment at which it is cut.
    const bytes = new Uint8Array(Math.max(state.length, this.#length)).fill(SPACE);
    bytes.set(state);
    writeMemoryFile(this.descriptor, bytes);
    this.#length = bytes.length;
    this.#expected = sources.map(({ expected }) => expected);
  }

  /** Writes the state if a number has changed: cheap where none has. */
  update(sources: readonly InheritedSource[]): void {
    for (let index = 0; index < sources.length; index++) {
      if (sources[index]!.expected !== this.#expected[index]) return this.write(sources);
    }
  }

  /** Closes it here; whoever has it, too, can still read it. */
  [Symbol.dispose](): void {
    closeDescriptor(this.descriptor);
  }
}
