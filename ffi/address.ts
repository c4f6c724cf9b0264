/**
 * Addresses of buffers, for structures that point to others. Takes the right to use FFI
 * without a path.
 *
 * @module
 */

// A sandbox seals itself after this was taken away from its script.
const { UnsafePointer } = Deno;

/** Returns the address of a buffer, which must be kept alive while it is used. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return UnsafePointer.value(UnsafePointer.of(bytes));
}
