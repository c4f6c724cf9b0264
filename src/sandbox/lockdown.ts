/**
 * Takes away from a sandbox what the user's script must not have. The seal of the
 * kernel holds without it; it keeps what the script can reach small, and the
 * functions whole that the sandbox itself works with.
 *
 * @module
 */

import { Packet } from "../packet/packet.ts";
import { EmbeddedPacket, PacketHeaders } from "../packet/packet_headers.ts";

/** Parts of `Deno` that need no permission and act on the process, its terminal or its signals. */
const OF_DENO = [
  "addSignalListener",
  "chdir",
  "execPath",
  "exit",
  "kill",
  "permissions",
  "removeSignalListener",
  "stderr",
  "stdin",
  "stdout",
  "umask",
] as const;

/** Global names that reach other threads, the terminal, native libraries or Deno's caches. */
const OF_GLOBAL = [
  "alert",
  "BroadcastChannel",
  "caches",
  "close",
  "confirm",
  "createImageBitmap",
  "global",
  "ImageBitmap",
  "nodeBootstrap",
  "onmessage",
  "postMessage",
  "process",
  "prompt",
  "Worker",
] as const;

/** Built-in objects that the sandbox itself works with: a script must not be able to change them. */
const FROZEN = [
  "Array",
  "ArrayBuffer",
  "Atomics",
  "BigInt",
  "BigUint64Array",
  "Boolean",
  "DataView",
  "Date",
  "Function",
  "Int32Array",
  "Iterator",
  "JSON",
  "Map",
  "Math",
  "Number",
  "Object",
  "Promise",
  "Reflect",
  "RegExp",
  "Set",
  "SharedArrayBuffer",
  "String",
  "Symbol",
  "TextDecoder",
  "TextEncoder",
  "Uint8Array",
  "Uint16Array",
  "Uint32Array",
  "WeakMap",
] as const;

/** The error for something that no filter may do. */
function refusal(what: string): Error {
  return new Deno.errors.NotCapable(`A filter cannot use ${what}: it decides about packets only`);
}

/** Makes an object's property throw when it is read. */
function refuse(object: object, name: PropertyKey, what: string): void {
  Object.defineProperty(object, name, {
    get: () => {
      throw refusal(what);
    },
    configurable: false,
  });
}

/**
 * Takes everything away but the permissions. Called once, before the script is
 * loaded.
 *
 * @param console Where `console.log` and its like go from now on.
 */
export function lockDown(console: (message: string) => void): void {
  const { inspect } = Deno;
  const write = (...parts: unknown[]) =>
    console(
      parts.map((part) => typeof part === "string" ? part : inspect(part, { depth: 2 })).join(" "),
    );
  for (const name of Object.keys(globalThis.console)) {
    Object.defineProperty(globalThis.console, name, { value: write });
  }
  const deno: Record<PropertyKey, unknown> = Deno as never;
  // Deno's own inner parts reach every operation there is.
  delete deno[(deno as { internal: symbol }).internal];
  for (const name of OF_DENO) refuse(deno, name, `Deno.${name}`);
  for (const name of OF_GLOBAL) refuse(globalThis, name, name);
  // It loads the machine's graphics drivers.
  refuse(navigator, "gpu", "navigator.gpu");
  for (const name of FROZEN) freezeGlobal(name);
  // Their static functions reach the memory that processes share.
  for (const { prototype } of [Packet, PacketHeaders, EmbeddedPacket]) {
    delete (prototype as { constructor?: unknown }).constructor;
    Object.freeze(prototype);
  }
  for (const generator of [function* () {}, async function* () {}, async () => {}]) {
    Object.freeze(Object.getPrototypeOf(generator));
    if ("prototype" in generator) Object.freeze(Object.getPrototypeOf(generator.prototype));
  }
  // Typed arrays and iterators inherit from objects that have no global name.
  Object.freeze(Object.getPrototypeOf(Uint8Array));
  Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));
  Object.freeze(Object.getPrototypeOf([][Symbol.iterator]()));
  Object.freeze(Object.getPrototypeOf(new Map()[Symbol.iterator]()));
}

/** Freezes a built-in and what it creates; objects that inherit may still have their own `toString`. */
function freezeGlobal(name: string): void {
  const value = (globalThis as Record<string, unknown>)[name] as { prototype?: object };
  Object.freeze(value);
  if (value === Object) Object.preventExtensions(Object.prototype);
  else if (value.prototype !== undefined) Object.freeze(value.prototype);
  Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
}
