/**
 * What is taken away from a sandbox before the user's script runs: some of what
 * Deno gives every thread reaches the whole process without any permission.
 *
 * @module
 */

import { registerHooks } from "node:module";
import { Packet } from "../packet/packet.ts";
import { EmbeddedPacket, PacketHeaders } from "../packet/packet_headers.ts";

/** Parts of `Deno` that need no permission and act on the process, its terminal or its signals. */
const OF_DENO = [
  "addSignalListener",
  "chdir",
  "exit",
  "kill",
  "permissions",
  "removeSignalListener",
  "stderr",
  "stdin",
  "stdout",
  "umask",
] as const;

/** Global names that reach other threads, the terminal or Deno's caches. */
const OF_GLOBAL = [
  "alert",
  "BroadcastChannel",
  "caches",
  "close",
  "confirm",
  "global",
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

/** Whether the script's own modules, all loaded by then, have begun to run. */
let sealed = false;

/** A script asked for something that no filter may do. */
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
  registerHooks({
    resolve(specifier, context, next) {
      if (sealed) throw refusal(`import("${specifier}") while it runs`);
      return next(specifier, context);
    },
  });
  const write = (...parts: unknown[]) =>
    console(
      parts.map((part) => typeof part === "string" ? part : Deno.inspect(part, { depth: 2 }))
        .join(" "),
    );
  for (const name of Object.keys(globalThis.console)) {
    Object.defineProperty(globalThis.console, name, { value: write });
  }
  const deno: Record<PropertyKey, unknown> = Deno as never;
  // Deno's own inner parts reach every operation there is.
  delete deno[(deno as { internal: symbol }).internal];
  for (const name of OF_DENO) refuse(deno, name, `Deno.${name}`);
  for (const name of OF_GLOBAL) refuse(globalThis, name, name);
  for (const name of FROZEN) freezeGlobal(name);
  // Their static functions reach the memory that threads share.
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
  Object.preventExtensions(Object.prototype);
}

/**
 * Whether the hook of {@linkcode lockDown} refuses what a script would import while
 * it runs. Nothing else does: imports in its text are checked by the broker, but not
 * one that it puts together out of words. Asked before the script is loaded.
 */
export async function hooksHold(): Promise<boolean> {
  sealed = true;
  const found = await Promise.all(["data:text/javascript,", "node:fs"].map(importable));
  sealed = false;
  return !found.includes(true);
}

/** Imports as a script would that hides it from the broker. */
async function importable(specifier: string): Promise<boolean> {
  const load = new Function("specifier", "return import(specifier)");
  try {
    await load(specifier);
    return true;
  } catch {
    return false;
  }
}

function freezeGlobal(name: string): void {
  const value = (globalThis as Record<string, unknown>)[name] as { prototype?: object };
  Object.freeze(value);
  if (value.prototype !== undefined) Object.freeze(value.prototype);
  Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
}

/** Revokes the rights that loading took; see {@linkcode sealWith}. */
let giveUp: () => void = () => {};

/**
 * Says which rights {@linkcode seal} gives up.
 *
 * @param paths Paths whose reading took a right that the script must not keep.
 */
export function sealWith(paths: readonly string[]): void {
  const { permissions } = Deno;
  const revokeSync = permissions.revokeSync.bind(permissions);
  const querySync = permissions.querySync.bind(permissions);
  giveUp = () => {
    for (const path of paths) {
      revokeSync({ name: "read", path });
      if (querySync({ name: "read", path }).state === "granted") {
        throw new Error(`Cannot seal the sandbox: it may still read ${path}`);
      }
    }
  };
}

/**
 * Gives up the rights that loading took, and the right to import. Runs when
 * everything is loaded, right before the script's first statement; see `seal.ts`.
 */
export function seal(): void {
  giveUp();
  sealed = true;
}
