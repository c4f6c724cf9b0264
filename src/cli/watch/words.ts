/**
 * The words of a packet's line (`String(packet)`), taken apart. The sandbox tells
 * packets as lines, and a library's packet makes one: so both come the same way. Pure.
 *
 * @module
 */

/** What a packet's line says. */
export interface PacketWords {
  /** When: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** The hook's name, or `hook=` and its number. */
  hook?: string;
  /** Where it came in, escaped as JSON does it. */
  in?: string;
  /** Where it leaves, the same way. */
  out?: string;
  /** What the rule says, escaped as JSON does it. */
  prefix?: string;
  /** Who sent it, with the port. */
  source?: string;
  /** To whom, with the port. */
  destination?: string;
  /** What it is, as in `TCP SYN`. */
  what: string;
  /** Its length in bytes, before it was cut. */
  length?: number;
  /** All other figures, as in `uid=0`. */
  figures: string[];
}

/** A word, or a quoted prefix, in which quotes are escaped. */
const WORDS = /"(?:[^"\\]|\\.)*"|\S+/g;
/** A figure and its name. */
const FIGURE = /^([a-z]+)=(.*)$/s;
/** What stands right behind the time, where the kernel told it. */
const HOOK = /^(?:[a-z]+|hook=\d+)$/;
/** Its only word that is no hook's name and looks like one. */
const NO_PAYLOAD = "no";

/**
 * Takes a line apart.
 *
 * @param line What `String(packet)` makes.
 */
export function wordsOf(line: string): PacketWords {
  const [time = "", ...words] = line.match(WORDS) ?? [];
  const packet: PacketWords = { time, what: "", figures: [] };
  if (words[0] !== undefined && HOOK.test(words[0]) && words[0] !== NO_PAYLOAD) {
    packet.hook = words.shift()!;
  }
  const between = words.indexOf(">");
  if (between > 0) {
    packet.source = words[between - 1]!;
    packet.destination = words[between + 1]!;
    words.splice(between - 1, 3);
  }
  const what: string[] = [];
  for (const word of words) {
    const [, name, value] = FIGURE.exec(word) ?? [];
    if (name === "in" || name === "out") packet[name] = value!;
    else if (name === "length") packet.length = Number(value);
    else if (name !== undefined) packet.figures.push(word);
    else if (word.startsWith('"')) packet.prefix = word.slice(1, -1);
    else what.push(word);
  }
  packet.what = what.join(" ");
  return packet;
}

/** An address with a port, as the line has it. */
const ENDPOINT = /^(?:\[(.+)\]|([\d.]+)):(\d+)$/;

/** The words as an object for other programs, without what the packet does not have. */
export function wordsAsJson(packet: PacketWords): Record<string, string | number> {
  const { time, hook, in: inDev, out, prefix, what, length } = packet;
  const [protocol, ...info] = what.split(" ");
  return present({
    time,
    hook,
    in: unescaped(inDev),
    out: unescaped(out),
    prefix: unescaped(prefix),
    ...endpoint("source", packet.source),
    ...endpoint("destination", packet.destination),
    protocol: protocol || undefined,
    info: info.length > 0 ? info.join(" ") : undefined,
    ...Object.fromEntries(packet.figures.map(figure)),
    length,
  });
}

/** A text as it was before; what was not escaped as JSON does it stays as it is. */
function unescaped(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

function endpoint(name: string, text: string | undefined) {
  const [, v6, v4, port] = ENDPOINT.exec(text ?? "") ?? [];
  return port === undefined
    ? { [name]: text }
    : { [name]: v6 ?? v4, [`${name}Port`]: Number(port) };
}

function figure(word: string): [string, string | number] {
  const [, name, value] = FIGURE.exec(word)!;
  return [name!, /^\d+$/.test(value!) ? Number(value) : value!];
}

function present(
  table: Record<string, string | number | undefined>,
): Record<string, string | number> {
  const entries = Object.entries(table).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string | number>;
}
