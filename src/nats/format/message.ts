/** Heads of messages: numbers and names as headers. */

import { type ContentType, type Encoding, Header, NDJSON, PCAPNG, VERSION } from "./headers.ts";

/** Head of a message. */
export interface MessageHead {
  /** Name of the sender's host. */
  host: string;
  /** Name of the source; empty if there is only one. */
  capture: string;
  /** Session of the sender's spool: a UUID. */
  session: string;
  /** Position of the records' frame in the session, and of the frame's end. */
  from: number;
  to: number;
  /** Number among the messages of the frame, from 0. */
  part: number;
  /** Number of these. */
  parts: number;
  /** Number of records; 0 for a message that only tells of a loss. */
  records: number;
  /** Records of the session, source and kind before these; undefined if they are not known. */
  first: number | undefined;
  /** Records that the source lost before these. */
  lost: number;
  /** Names of the sender's interfaces by index. */
  interfaces: ReadonlyMap<number, string>;
  /** Compression of the body; undefined for none. */
  encoding: Encoding | undefined;
  contentType: ContentType;
}

/** Error of a message that is not one of nfscribe's, or that this version cannot read. */
export class MessageError extends Error {
  override readonly name = "MessageError";
}

/** Most bytes of a name, and most interfaces of a message. */
const NAME_MOST = 255;
const INTERFACES_MOST = 100_000;
/** Most records before a message, and the largest position: sums of many are exact, too. */
const PLACE_MOST = 2 ** 48;
/** Most records of a message, and most that were lost before it. */
const RECORDS_MOST = 2 ** 32;
/** Most messages of a frame: each has a record, and a frame has 1 MiB. */
const PARTS_MOST = 1 << 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Returns the identifier of a message, the same for the same records.
 *
 * @param mark End that others cannot foresee; empty for none.
 */
export function messageId(
  { session, from, part }: Pick<MessageHead, "session" | "from" | "part">,
  mark = "",
): string {
  return `${session}:${from}:${part}${mark === "" ? "" : `:${mark}`}`;
}

/**
 * Returns a head as headers.
 *
 * @param mark End of the identifier; see {@linkcode messageId}.
 *
 * @example The identifier
 * ```ts
 * import { headersOf } from "./message.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [id] = headersOf({
 *   ...{ host: "fw1", capture: "", session: "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11" },
 *   ...{ from: 48, to: 1072, part: 0, parts: 1, records: 5, first: 0, lost: 0 },
 *   ...{ interfaces: new Map(), encoding: undefined, contentType: "application/x-pcapng" },
 * });
 * assertEquals(id, ["Nats-Msg-Id", "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11:48:0"]);
 * ```
 */
export function headersOf(head: MessageHead, mark = ""): [name: string, value: string][] {
  const { interfaces, first, lost, encoding } = head;
  const headers: [string, string | number][] = [
    [Header.MSG_ID, messageId(head, mark)],
    [Header.VERSION, VERSION],
    [Header.HOST, asciiJson(head.host)],
    [Header.CAPTURE, asciiJson(head.capture)],
    [Header.SESSION, head.session],
    [Header.FROM, head.from],
    [Header.TO, head.to],
    [Header.PART, head.part],
    [Header.PARTS, head.parts],
    [Header.RECORDS, head.records],
    [Header.CONTENT_TYPE, head.contentType],
  ];
  if (first !== undefined) headers.push([Header.FIRST, first]);
  if (lost > 0) headers.push([Header.LOST, lost]);
  if (interfaces.size > 0) {
    headers.push([Header.INTERFACES, asciiJson(Object.fromEntries(interfaces))]);
  }
  if (encoding !== undefined) headers.push([Header.ENCODING, encoding]);
  return headers.map(([name, value]) => [name, `${value}`]);
}

/**
 * Parses the headers of a message.
 *
 * @param get Returns the value of a header; undefined or empty if it is missing.
 * @throws {MessageError} If they are not those of a message, or of a newer nfscribe.
 */
export function parseHeaders(get: (name: string) => string | undefined): MessageHead {
  const version = get(Header.VERSION);
  if (!version) throw new MessageError(`it has no header ${Header.VERSION}`);
  if (Number(version) > VERSION) {
    throw new MessageError(
      `a newer nfscribe sent it, in format ${integer(Header.VERSION, version, PLACE_MOST)}`,
    );
  }
  if (Number(version) !== VERSION) throw wrong(Header.VERSION);
  const session = get(Header.SESSION) ?? "";
  if (!UUID.test(session)) throw wrong(Header.SESSION);
  const count = (name: string, most = PLACE_MOST) => integer(name, get(name), most);
  const optional = (name: string, most?: number) => get(name) ? count(name, most) : undefined;
  const head: MessageHead = {
    host: nameOf(Header.HOST, get(Header.HOST)),
    capture: nameOf(Header.CAPTURE, get(Header.CAPTURE)),
    session,
    from: count(Header.FROM),
    to: count(Header.TO),
    part: count(Header.PART),
    parts: count(Header.PARTS, PARTS_MOST),
    records: count(Header.RECORDS, RECORDS_MOST),
    first: optional(Header.FIRST),
    lost: optional(Header.LOST, RECORDS_MOST) ?? 0,
    interfaces: interfacesOf(get(Header.INTERFACES)),
    encoding: oneOf(Header.ENCODING, get(Header.ENCODING), ["gzip", "zstd"]),
    contentType: oneOf(Header.CONTENT_TYPE, get(Header.CONTENT_TYPE), [PCAPNG, NDJSON]) ??
      fail(wrong(Header.CONTENT_TYPE)),
  };
  if (head.to <= head.from) throw wrong(Header.TO);
  if (head.part >= head.parts) throw wrong(Header.PART);
  // Only the sender can tell whether the mark behind it is right.
  if (!`${get(Header.MSG_ID)}:`.startsWith(`${messageId(head)}:`)) throw wrong(Header.MSG_ID);
  return head;
}

function integer(name: string, value: string | undefined, most: number): number {
  const number = /^(0|[1-9]\d{0,15})$/.test(value ?? "") ? Number(value) : NaN;
  if (!(number <= most)) throw wrong(name);
  return number;
}

function nameOf(header: string, value: string | undefined): string {
  const name = parseJson(header, value);
  return isName(name) ? name : fail(wrong(header));
}

function interfacesOf(value: string | undefined): ReadonlyMap<number, string> {
  if (!value) return new Map();
  const found = parseJson(Header.INTERFACES, value);
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    throw wrong(Header.INTERFACES);
  }
  const entries = Object.entries(found);
  const isRight = entries.length <= INTERFACES_MOST &&
    entries.every(([index, name]) =>
      /^(0|[1-9]\d{0,9})$/.test(index) && Number(index) < 2 ** 32 && isName(name)
    );
  if (!isRight) throw wrong(Header.INTERFACES);
  return new Map(entries.map(([index, name]) => [Number(index), name]));
}

function oneOf<Word extends string>(
  header: string,
  value: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (!value) return undefined;
  return words.find((word) => word === value) ?? fail(wrong(header));
}

/** Returns whether a value is a name as a sender has it: short, and without control characters. */
function isName(value: unknown): value is string {
  // deno-lint-ignore no-control-regex
  return typeof value === "string" && value.length <= NAME_MOST && !/[\0-\x1f\x7f]/.test(value);
}

function parseJson(header: string, value: string | undefined): unknown {
  try {
    return JSON.parse(value ?? "");
  } catch {
    throw wrong(header);
  }
}

/** Returns JSON in printable ASCII. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function wrong(header: string): MessageError {
  return new MessageError(`its header ${header} is missing or wrong`);
}

function fail(error: Error): never {
  throw error;
}
