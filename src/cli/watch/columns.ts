/** Packets as aligned lines of a terminal. Pure. */

import { paintedLine, type Piece, type Style } from "../../terminal/paint.ts";
import { cutMiddle, padEnd, textWidth } from "../../terminal/width.ts";
import {
  type Figure,
  type LineFacts,
  type LineParts,
  lineParts,
  wordText,
} from "../../packet/describe.ts";

/** Least columns for milliseconds, and for two spaces between columns. */
const WIDE = 100;
/** Columns for all but the addresses, about; each address gets a half of the rest. */
const BESIDE_ADDRESSES = 38;
/** Least columns of an address: IPv4 with a port. */
const ADDRESS_LEAST = 21;
/** Columns begin that wide, and grow with what they hold; files may tell no devices. */
const FIRST = { group: 1, where: 4, device: 0, source: 15, destination: 15, what: 7 };
/** No packet makes its column wider than that for those that follow. */
const MOST = { group: 5, where: 16, device: 11, what: 11 };
const LENGTH = 4;

type Column = keyof typeof FIRST;

/** Facts beside a packet's own. */
export interface LineContext {
  /** Its group, where there are several. */
  group?: number | undefined;
  /** Outputs that a filter selects, if there is one. */
  outputs?: readonly string[] | undefined;
  /** The filter's error. */
  error?: string | undefined;
  /** Fields that the filter attached to it, as JSON. */
  attached?: string | undefined;
}

/** Aligns lines. Columns grow with their contents, so that later lines are aligned. */
export class Columns {
  readonly #widths: Record<Column, number> = { ...FIRST };
  readonly #colored: boolean;
  #gap = " ";

  /** No packet was seen so far. */
  constructor(colored: boolean) {
    this.#colored = colored;
  }

  /**
   * Returns a packet as a line.
   *
   * @param packet The packet's structured form, or facts of it.
   * @param beside What else is known; nothing in it acts on a terminal.
   * @param columns How wide the terminal is; what has no room is cut off at the end.
   */
  line(packet: LineFacts, { group, outputs, error }: LineContext, columns: number): string {
    this.#gap = columns < WIDE ? " " : "  ";
    const parts = lineParts(packet);
    const { prefix = "", marks, contents } = parts;
    const figures = [...marks, ...contents].filter((word) => typeof word !== "string");
    const clock = clockText(parts.time, columns < WIDE ? 8 : 12);
    const addresses = Math.max(ADDRESS_LEAST, Math.floor((columns - BESIDE_ADDRESSES) / 2));
    const pieces: Piece[] = [[clock + this.#gap, "dim"]];
    if (group !== undefined) pieces.push([this.#cell("group", `${group}`), "plain"]);
    if (outputs !== undefined) pieces.push([this.#cell("where", outputs.join(",")), "green"]);
    pieces.push(
      [this.#cell("device", deviceText(parts)), "plain"],
      ...this.#whoToWhom(parts, addresses),
      [
        this.#cell(
          "what",
          contents.filter((word) => typeof word === "string").map(wordText).join(" "),
        ),
        "cyan",
      ],
      [`${packet.length ?? ""}`.padStart(LENGTH) + this.#gap, "plain"],
      [prefix.trim() === "" ? "" : prefix.trim() + this.#gap, prefixStyle(packet)],
      ...figures.filter(([name]) => name !== "length").map(figurePiece),
    );
    const line = paintedLine(trimmed(pieces), columns, this.#colored);
    if (error === undefined) return line;
    const failure: Piece = [`${" ".repeat(clock.length)}${this.#gap}failed: ${error}`, "red"];
    return `${line}\n${paintedLine([failure], columns, this.#colored)}`;
  }

  #whoToWhom({ source, destination }: LineParts, most: number): Piece[] {
    if (source === undefined || destination === undefined) return [];
    return [
      [this.#padded("source", cutMiddle(source, most), most), "plain"],
      [" > ", "dim"],
      [this.#padded("destination", cutMiddle(destination, most), most) + this.#gap, "plain"],
    ];
  }

  #cell(column: keyof typeof MOST, text: string): string {
    const cell = this.#padded(column, text, MOST[column]);
    return cell === "" ? "" : cell + this.#gap;
  }

  /** Pads a text to its column, which it may make wider. */
  #padded(column: Column, text: string, most: number): string {
    const width = Math.min(most, Math.max(this.#widths[column], textWidth(text)));
    this.#widths[column] = width;
    return padEnd(text, width);
  }
}

/** Returns the device that a packet came in by, an arrow, and the one that it leaves by. */
function deviceText({ in: inDev = "", out = "" }: LineParts): string {
  return inDev === "" && out === "" ? "" : `${inDev}>${out}`;
}

/** Returns the colour of a prefix, by the action of its rule. */
function prefixStyle({ action }: LineFacts): Style {
  if (action === "drop" || action === "reject") return "red";
  return action === "accept" ? "green" : "yellow";
}

function figurePiece(figure: Figure): Piece {
  return [`${wordText(figure)} `, figure[0] === "malformed" ? "red" : "dim"];
}

/**
 * Returns the local time of day, to the second or, with 12 characters, its thousandth; the
 * line has it in UTC.
 */
export function clockText(time: string, characters: number): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(11, 11 + characters);
}

/** Drops pieces of spaces at the end. */
function trimmed(pieces: readonly Piece[]): Piece[] {
  const last = pieces.findLastIndex(([text]) => text.trim() !== "");
  return pieces.slice(0, last + 1).map(([text, style], index) => [
    index === last ? text.trimEnd() : text,
    style,
  ]);
}
