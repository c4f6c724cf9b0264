/** Programs of classic BPF (linux/filter.h, linux/bpf_common.h). Pure. */

/** `struct sock_filter`, 8 bytes: `u16 code`, `u8 jt`, `u8 jf`, `u32 k`. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

/** `BPF_LD | BPF_W | BPF_ABS`, `BPF_LD | BPF_H | BPF_ABS`: load from a place. */
export const LOAD = 0x20;
export const LOAD_HALF = 0x28;
/** `BPF_LD | BPF_{W,H,B} | BPF_IND`: load from a place that begins at the index register. */
export const LOAD_AT = 0x40;
export const LOAD_HALF_AT = 0x48;
export const LOAD_BYTE_AT = 0x50;
/** `BPF_LD | BPF_IMM`, `BPF_LDX | BPF_IMM`: load a number. */
export const SET = 0x00;
export const SET_INDEX = 0x01;
/** `BPF_LD | BPF_MEM`, `BPF_LDX | BPF_MEM`, `BPF_ST`: scratch memory. */
export const LOAD_SLOT = 0x60;
export const LOAD_INDEX_SLOT = 0x61;
export const STORE_SLOT = 0x02;
/** `BPF_MISC | BPF_TAX` */
export const TO_INDEX = 0x07;
/** `BPF_ALU | BPF_AND | BPF_K` */
export const AND = 0x54;
/** `BPF_JMP | BPF_JA` */
export const JUMP = 0x05;
/** `BPF_JMP | {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET} | BPF_K` */
export const JUMP_EQUAL = 0x15;
export const JUMP_GREATER = 0x25;
export const JUMP_NOT_LESS = 0x35;
export const JUMP_SET = 0x45;
/** `BPF_JMP | BPF_JEQ | BPF_X` */
export const JUMP_EQUAL_INDEX = 0x1d;
/** `BPF_RET | BPF_K` */
export const RETURN = 0x06;
/** `BPF_MAXINSNS`: most instructions of a program. */
export const INSTRUCTIONS_MAX = 4096;

/** Encodes a program. */
export function encodeProgram(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(8 * program.length));
  program.forEach(([code, ifTrue, ifFalse, k], index) => {
    bytes.setUint16(8 * index, code, true);
    bytes.setUint8(8 * index + 2, ifTrue);
    bytes.setUint8(8 * index + 3, ifFalse);
    bytes.setUint32(8 * index + 4, k, true);
  });
  return new Uint8Array(bytes.buffer);
}

/**
 * Encodes the `struct sock_fprog` of a program: `u16 len`, padding, `struct sock_filter *filter`.
 *
 * @param program Encoded program.
 * @param address Its address.
 */
export function encodeProgramHeader(program: Uint8Array, address: bigint): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(16));
  header.setUint16(0, program.length / 8, true);
  header.setBigUint64(8, address, true);
  return new Uint8Array(header.buffer);
}
