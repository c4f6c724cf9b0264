/**
 * Runs programs of classic BPF as the kernel does (net/core/filter.c), for tests.
 *
 * @module
 */

import * as bpf from "../../../src/bytes/bpf.ts";

/** `SKF_AD_OFF + SKF_AD_NLATTR` and `SKF_AD_NLATTR_NEST` (linux/filter.h) */
const FIND = 0xffff_f00c;
const FIND_WITHIN = 0xffff_f010;

/** Returns the length to which a datagram is cut; 0 if it is left out. */
export function runBpf(program: Uint8Array<ArrayBuffer>, datagram: Uint8Array): number {
  const code = new DataView(program.buffer);
  const data = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const slots: (number | undefined)[] = [];
  let [a, x] = [0, 0];
  const slot = (k: number): number => {
    const value = slots[k];
    if (k > 15 || value === undefined) throw new Error(`slot ${k} is read before it is written`);
    return value;
  };
  for (let at = 0;;) {
    const [operation, ifTrue, ifFalse, k] = [
      code.getUint16(at * 8, true),
      code.getUint8(at * 8 + 2),
      code.getUint8(at * 8 + 3),
      code.getUint32(at * 8 + 4, true),
    ];
    at++;
    const branch = (holds: boolean) => at += holds ? ifTrue : ifFalse;
    switch (operation) {
      case bpf.LOAD:
        if (k === FIND) a = find(data, a, data.byteLength, x);
        else if (k === FIND_WITHIN) {
          a = find(data, a + 4, a + data.getUint16(a, true), x);
        } else a = data.getUint32(k);
        break;
      case bpf.LOAD_HALF:
        a = data.getUint16(k);
        break;
      case bpf.LOAD_AT:
        a = data.getUint32(x + k);
        break;
      case bpf.LOAD_HALF_AT:
        a = data.getUint16(x + k);
        break;
      case bpf.LOAD_BYTE_AT:
        a = data.getUint8(x + k);
        break;
      case bpf.SET:
        a = k;
        break;
      case bpf.SET_INDEX:
        x = k;
        break;
      case bpf.LOAD_SLOT:
        a = slot(k);
        break;
      case bpf.LOAD_INDEX_SLOT:
        x = slot(k);
        break;
      case bpf.STORE_SLOT:
        slots[k] = a;
        break;
      case bpf.TO_INDEX:
        x = a;
        break;
      case bpf.AND:
        a = (a & k) >>> 0;
        break;
      case bpf.JUMP:
        at += k;
        break;
      case bpf.JUMP_EQUAL:
        branch(a === k);
        break;
      case bpf.JUMP_EQUAL_INDEX:
        branch(a === x);
        break;
      case bpf.JUMP_GREATER:
        branch(a > k);
        break;
      case bpf.JUMP_NOT_LESS:
        branch(a >= k);
        break;
      case bpf.JUMP_SET:
        branch((a & k) !== 0);
        break;
      case bpf.RETURN:
        return k;
      default:
        throw new Error(`instruction ${at - 1} is unknown: 0x${operation.toString(16)}`);
    }
  }
}

/** Returns the offset of an attribute (`nla_find`); 0 if there is none. */
function find(data: DataView, start: number, end: number, type: number): number {
  for (let at = start; at + 4 <= end;) {
    const length = data.getUint16(at, true);
    if (length < 4 || at + length > end) return 0;
    // NLA_F_NESTED and NLA_F_NET_BYTEORDER are no part of the type.
    if ((data.getUint16(at + 2, true) & 0x3fff) === type) return at;
    at += length + 3 & ~3;
  }
  return 0;
}
