/**
 * Removes functions from a sandbox that scripts must not use. The kernel's seal does not depend on
 * it; it reduces the attack surface, and protects the functions that the sandbox itself uses.
 */

import { Packet } from "../packet/packet.ts";
import { EmbeddedPacket, PacketHeaders } from "../packet/packet_headers.ts";

/** Parts of `Deno` that need no permission and affect the process, its terminal or its signals. */
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

/** Globals that reach other threads, the terminal, native libraries or Deno's caches. */
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

/** Built-in objects that the sandbox itself uses, which a script must not change. */
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

/** Creates the error for a forbidden function. */
function refusal(what: string): Error {
  return new Deno.errors.NotCapable(`A filter cannot use ${what}: it decides about packets only`);
}

/** Makes reading a property throw. */
function refuse(object: object, name: PropertyKey, what: string): void {
  Object.defineProperty(object, name, {
    get: () => {
      throw refusal(what);
    },
    configurable: false,
  });
}

/**
 * Removes everything but the permissions. Called once, before the script is loaded.
 *
 * @param console Receives the text of `console.log` and similar functions from now on.
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
  // Deno's internals reach every operation.
  delete deno[(deno as { internal: symbol }).internal];
  for (const name of OF_DENO) refuse(deno, name, `Deno.${name}`);
  for (const name of OF_GLOBAL) refuse(globalThis, name, name);
  // WebGPU loads the machine's graphics drivers.
  refuse(navigator, "gpu", "navigator.gpu");
  for (const name of FROZEN) freezeGlobal(name);
  // Their static functions reach the shared memory.
  for (const { prototype } of [Packet, PacketHeaders, EmbeddedPacket]) {
    delete (prototype as { constructor?: unknown }).constructor;
    Object.freeze(prototype);
  }
  for (const generator of [function* () {}, async function* () {}, async () => {}]) {
    Object.freeze(Object.getPrototypeOf(generator));
    if ("prototype" in generator) Object.freeze(Object.getPrototypeOf(generator.prototype));
  }
  // Typed arrays and iterators inherit from objects without a global name.
  Object.freeze(Object.getPrototypeOf(Uint8Array));
  Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));
  Object.freeze(Object.getPrototypeOf([][Symbol.iterator]()));
  Object.freeze(Object.getPrototypeOf(new Map()[Symbol.iterator]()));
}

/**
 * Freezes a built-in and its prototype; objects that inherit may still define their own `toString`.
 */
function freezeGlobal(name: string): void {
  const value = (globalThis as Record<string, unknown>)[name] as { prototype?: object };
  Object.freeze(value);
  if (value === Object) Object.preventExtensions(Object.prototype);
  else if (value.prototype !== undefined) Object.freeze(value.prototype);
  Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
}
