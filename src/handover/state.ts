/** State of sockets for the process that inherits them. */

import { sources } from "../source/sources.ts";

/** Identity of a source with a socket. */
export interface SourceIdentity {
  /** Type, as in `nflog`. */
  type: string;
  /** Group that the socket is bound to; 0 for a type with one socket in a network namespace. */
  group: number;
  /** Network namespace as in the configuration; absent for nfscribe's own. */
  netns?: string | number;
}

/** Inherited socket. */
export interface InheritedSource extends SourceIdentity {
  /** Name of the source. */
  name: string;
  /**
   * Sequence number that its next packet should have, or the number of drops that were counted where
   * the kernel counts records; undefined if unknown.
   */
  expected: number | undefined;
}

/** Open source whose socket can be handed over. */
export interface LiveSource extends InheritedSource {
  /** Descriptor of its socket. */
  readonly descriptor: number;
}

/** Limit of sequence numbers. */
const SEQUENCE_END = 2 ** 32;
/** Version of the state's format; others are rejected. */
const VERSION = 1;

/**
 * Returns the identity of a configured source.
 *
 * @returns Identity; undefined for a source without a socket.
 */
export function identityOf(
  { type, options }: { type: string; options: Readonly<Record<string, unknown>> },
): SourceIdentity | undefined {
  const group = sources[type]?.socketGroup?.(options);
  if (group === undefined) return undefined;
  const { netns } = options;
  return { type, group, ...isNetns(netns) && { netns } };
}

/** Returns whether two identities are equal. */
export function isSameSource(a: SourceIdentity, b: SourceIdentity): boolean {
  return socketName(a) === socketName(b);
}

/** Describes a source, as in `nflog group 1 in /run/netns/blue`. */
export function sourceText({ type, group, netns }: SourceIdentity): string {
  return `${type} group ${group}${netns === undefined ? "" : ` in ${netns}`}`;
}

/**
 * Returns a socket's name in the descriptor store, as in `nflog-1` or
 * `nflog-1-%2Frun%2Fnetns%2Fblue`: it must not contain a colon.
 */
export function socketName({ type, group, netns }: SourceIdentity): string {
  return [type, group, ...netns === undefined ? [] : [encodeURIComponent(netns)]].join("-");
}

/** Parses a socket's name; undefined if it is invalid. */
export function sourceOfName(name: string): SourceIdentity | undefined {
  const [, type, group, netns] = /^([a-z]+)-(\d{1,5})(?:-(.+))?$/.exec(name) ?? [];
  if (type === undefined) return undefined;
  try {
    return { type, group: Number(group), ...netns && { netns: decodeURIComponent(netns) } };
  } catch {
    // Invalid percent-encoding.
    return undefined;
  }
}

/** Encodes a state as JSON. */
export function encodeState(sources: readonly InheritedSource[]): Uint8Array<ArrayBuffer> {
  const rows = sources.map(({ name, type, group, netns, expected }) => ({
    name,
    type,
    group,
    netns,
    expected,
  }));
  return new TextEncoder().encode(JSON.stringify({ version: VERSION, sources: rows }));
}

/**
 * Decodes a state.
 *
 * @param bytes State as written by {@linkcode encodeState}; spaces may follow.
 * @returns Sources in order; undefined if the state is invalid.
 */
export function decodeState(bytes: Uint8Array): InheritedSource[] | undefined {
  try {
    const state: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!isRecord(state) || state.version !== VERSION || !Array.isArray(state.sources)) {
      return undefined;
    }
    const sources = state.sources.map(sourceIn);
    return sources.includes(undefined) ? undefined : sources as InheritedSource[];
  } catch {
    return undefined;
  }
}

function sourceIn(row: unknown): InheritedSource | undefined {
  if (!isRecord(row)) return undefined;
  const { name, type, group, netns, expected } = row;
  if (typeof name !== "string" || typeof type !== "string" || !isBelow(group, 65536)) {
    return undefined;
  }
  if (netns !== undefined && !isNetns(netns)) return undefined;
  if (expected !== undefined && !isBelow(expected, SEQUENCE_END)) return undefined;
  return { name, type, group, ...netns !== undefined && { netns }, expected };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNetns(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isBelow(value: unknown, end: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < end;
}
