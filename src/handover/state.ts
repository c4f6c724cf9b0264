/**
 * What a process tells the next one of the sockets that it hands on.
 *
 * @module
 */

/** Which source a socket belongs to. */
export interface SourceIdentity {
  /** As in `nflog`. */
  type: string;
  /** The group that it is bound to. */
  group: number;
  /** Where the group is, as the configuration spells it; absent for nfscribe's own network namespace. */
  netns?: string | number;
}

/** A socket that is handed on. */
export interface InheritedSource extends SourceIdentity {
  /** The source's name. */
  name: string;
  /** The number that its next packet should carry; undefined where nobody knows. */
  expected: number | undefined;
}

/** A source at work, whose socket may be handed on. */
export interface LiveSource extends InheritedSource {
  /** Its socket. */
  readonly descriptor: number;
}

/** A sequence number is less than this. */
const SEQUENCE_END = 2 ** 32;
/** The form of the state: one that is not known is not believed. */
const VERSION = 1;

/**
 * Which source a part of a configuration is.
 *
 * @returns It; undefined where there is no group that could be handed on.
 */
export function identityOf(
  { type, options }: { type: string; options: Readonly<Record<string, unknown>> },
): SourceIdentity | undefined {
  const { group, netns } = options;
  if (typeof group !== "number") return undefined;
  return { type, group, ...isNetns(netns) && { netns } };
}

/** Whether two are the same source. */
export function isSameSource(a: SourceIdentity, b: SourceIdentity): boolean {
  return socketName(a) === socketName(b);
}

/** For people, as in `nflog group 1 in /run/netns/blue`. */
export function sourceText({ type, group, netns }: SourceIdentity): string {
  return `${type} group ${group}${netns === undefined ? "" : ` in ${netns}`}`;
}

/**
 * A socket's name in the service manager's keeping, as in `nflog-1` or
 * `nflog-1-%2Frun%2Fnetns%2Fblue`: a colon has no place in it.
 */
export function socketName({ type, group, netns }: SourceIdentity): string {
  return [type, group, ...netns === undefined ? [] : [encodeURIComponent(netns)]].join("-");
}

/** Which source has a socket's name; undefined where it is none. */
export function sourceOfName(name: string): SourceIdentity | undefined {
  const [, type, group, netns] = /^([a-z]+)-(\d{1,5})(?:-(.+))?$/.exec(name) ?? [];
  if (type === undefined) return undefined;
  try {
    return { type, group: Number(group), ...netns && { netns: decodeURIComponent(netns) } };
  } catch {
    // It is not encoded as ours are.
    return undefined;
  }
}

/** A state as a document of JSON. */
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
 * Reads a state.
 *
 * @param bytes As {@linkcode encodeState} made them; spaces may follow.
 * @returns The sources, in order; undefined where it is no state.
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
