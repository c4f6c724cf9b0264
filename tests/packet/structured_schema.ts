/**
 * The published JSON Schema of packets, as tests use it.
 *
 * @module
 */

import { Ajv } from "ajv";
import { assertEquals } from "@std/assert";
import { packetJsonSchema } from "../../scripts/json_schema.ts";
import type { Packet } from "../../src/packet/packet.ts";
import { parseStructured } from "../../src/packet/structured_schema.ts";

/** Closes every object of a schema: a field that it does not describe is an error then. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, part]) => [name, closed(part)] as const);
  return {
    ...Object.fromEntries(entries),
    ...Object.hasOwn(schema, "properties") && { additionalProperties: false },
  };
}

const accepts = new Ajv({ strict: true }).compile(closed(packetJsonSchema()) as object);

/** Returns what is wrong with the structured form of a packet; undefined if it fits the schema. */
export function schemaProblems(form: unknown): string | undefined {
  return accepts(form) ? undefined : JSON.stringify(accepts.errors);
}

/**
 * Checks that the schema describes every field of a packet's structured form, and that another
 * process can read it.
 */
export function assertFits(packet: Packet): void {
  const json = JSON.stringify(packet);
  const form = JSON.parse(json);
  const problems = schemaProblems(form);
  if (problems !== undefined) throw new Error(`${json}: ${problems}`);
  assertEquals<unknown>(parseStructured(json), form);
}
