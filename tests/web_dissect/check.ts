/**
 * Invariants of a dissection, whatever the bytes.
 *
 * @module
 */

import { type Field, FIELDS_MAX } from "../../src/web/dissect/field.ts";

/** Characters that act on a terminal or reorder text. */
const STEERING = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
/** Fields that tell about a packet's end are added beyond the limit: a few for each nested packet. */
const BEYOND = 64;

/**
 * Checks a dissection: fields cover all bytes without gaps, parts lie in their field, only bits of
 * one header share bytes, and there are not too many.
 *
 * @throws {Error} If an invariant is violated.
 */
export function checkFields(fields: readonly Field[], length: number): void {
  const count = checkCover(fields, 0, length, "the packet");
  if (count > FIELDS_MAX + BEYOND) throw new Error(`${count} fields`);
}

/** Checks that fields cover a range in order; returns how many there are. */
function checkCover(fields: readonly Field[], from: number, to: number, where: string): number {
  let [count, at] = [0, from];
  for (const { name, value, offset, length, fields: parts } of fields) {
    count++;
    if (STEERING.test(name + value)) throw new Error(`${name} of ${where} holds ${value}`);
    if (length < 0 || offset + length > to) {
      throw new Error(`${name} has bytes ${offset} + ${length}, and ${where} ends at ${to}`);
    }
    // Bits of the same bytes follow one another.
    if (offset > at || offset < from) {
      throw new Error(`Bytes ${at} to ${offset} of ${where}, before ${name}, are in no field`);
    }
    at = Math.max(at, offset + length);
    if (parts !== undefined) {
      count += checkCover(parts, offset, offset + length, `${name} of ${where}`);
    }
  }
  if (at !== to) throw new Error(`Bytes ${at} to ${to} of ${where} are in no field`);
  return count;
}

/** Returns all fields of a name, in order. */
export function named(fields: readonly Field[], name: string): Field[] {
  return fields.flatMap((field) => [
    ...field.name === name ? [field] : [],
    ...named(field.fields ?? [], name),
  ]);
}

/** Returns fields as indented lines: name, value, bytes. */
export function printed(fields: readonly Field[], indent = ""): string {
  return fields.map(({ name, value, offset, length, fields: parts }) =>
    `${indent}${name}: ${value} [${offset}+${length}]\n${printed(parts ?? [], `${indent}  `)}`
  ).join("");
}
