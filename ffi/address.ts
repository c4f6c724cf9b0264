/**
 * Returns addresses of buffers, for structures with pointers. Needs the FFI right without a path.
 */

// Kept: a sandbox seals itself after it was removed from `Deno` for the script.
const { UnsafePointer } = Deno;

/** Returns the address of a buffer, which must stay referenced while the address is used. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return UnsafePointer.value(UnsafePointer.of(bytes));
}
