/**
 * Reads everything visible of a packet by reflection, so that a new getter is tested at once.
 *
 * @module
 */

import type { Packet } from "../../src/packet/packet.ts";

/**
 * Returns every public getter of a packet and of its headers with its value, and the readable line.
 */
export function observe(packet: Packet): unknown[] {
  const seen: unknown[] = [String(packet)];
  look(packet, seen);
  return seen;
}

function look(value: object, seen: unknown[]): void {
  for (const name of namesOf(value)) {
    seen.push(name);
    const part = (value as Record<string, unknown>)[name];
    if (part instanceof Uint8Array) seen.push(part.toHex());
    else if (typeof part === "object" && part !== null) look(part, seen);
    else seen.push(part);
  }
}

/**
 * Returns own properties and getters, those of base classes included, such as `tcp` and `index`.
 */
export function namesOf(value: object): string[] {
  const names = Object.keys(value);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === Array.prototype) return names;
  let getters = GETTERS.get(prototype);
  if (getters === undefined) {
    getters = [...gettersOf(prototype)];
    GETTERS.set(prototype, getters);
  }
  return names.concat(getters);
}

function* gettersOf(prototype: object): Generator<string> {
  for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (get !== undefined) yield name;
    }
  }
}

/** Cached by class to speed up the fuzz test. */
const GETTERS = new WeakMap<object, string[]>();
