/** Assembles programs of classic BPF, with labels. Pure. */

import { type Instruction, JUMP } from "../../bytes/bpf.ts";

/** Place in a program, placed once; jumps lead forward. */
export interface Label {
  /** Index of the instruction. */
  at?: number;
}

/** Program under construction. */
export class Assembler {
  readonly #code: (Instruction | Label)[] = [];

  /** Appends an instruction. */
  put(code: number, k = 0): void {
    this.#code.push([code, 0, 0, k >>> 0]);
  }

  /** Appends a jump. */
  jump(to: Label): void {
    this.#code.push(to);
  }

  /** Appends a test: offsets of conditional jumps are short, so both ways lead over a jump. */
  branch(code: number, k: number, ifTrue: Label, ifFalse: Label): void {
    this.#code.push([code, 0, 1, k >>> 0], ifTrue, ifFalse);
  }

  /** Places a label at the next instruction. */
  place(label: Label): void {
    label.at = this.#code.length;
  }

  /** Returns the program. */
  finish(): Instruction[] {
    return this.#code.map((entry, index) =>
      isLabel(entry) ? [JUMP, 0, 0, entry.at! - index - 1] : entry
    );
  }
}

function isLabel(entry: Instruction | Label): entry is Label {
  return !Array.isArray(entry);
}
