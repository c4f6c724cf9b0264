/** Tables of the new configuration, with notes. */

import type { RecordKind } from "../../record/kind.ts";
import { jsonLine } from "../../text/escape.ts";
import { comment } from "../comment.ts";
import type { Settings } from "./settings.ts";

/** Value of a key. */
export type Value = string | number | boolean | string[];

/** One table. */
export interface Table {
  /** Its header, such as `[[source]]`. */
  header: string;
  /** Its origin, such as `log1, line 120`. */
  origin: string;
  /** Its keys, in order. */
  entries: [key: string, value: Value][];
  /** Notes about settings without an equivalent. */
  notes: string[];
}

/** Formats a table as TOML. */
export function tableText({ header, origin, entries, notes }: Table): string {
  return [
    `${header} ${comment(origin)}`,
    ...entries.map(entryText),
    ...notes.map(comment),
  ].join("\n");
}

/** Formats a key and its value. */
export function entryText([key, value]: Table["entries"][number]): string {
  return `${key} = ${valueText(value)}`;
}

/** Returns the value of a key; undefined where there is none. */
export function entryOf({ entries }: Pick<Table, "entries">, key: string): Value | undefined {
  return entries.find(([name]) => name === key)?.[1];
}

/** Joins expressions: true of what one of them is true of. */
export function anyOf(expressions: readonly string[]): string {
  const [only, ...others] = new Set(expressions);
  return others.length === 0 ? only! : [only, ...others].map((each) => `(${each})`).join(" or ");
}

/** Formats a key, such as `emu1` or `"emu 1"`. */
export function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : jsonLine(key);
}

/**
 * Formats a value. JSON's strings, numbers and lists are valid TOML; control characters are escaped.
 */
function valueText(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  return jsonLine(value);
}

/** An output. */
export interface Output {
  /** Its keys, `type` first. */
  entries: [key: string, value: Value][];
  /** Notes about settings without an equivalent. */
  notes: string[];
}

/** A source. */
export interface Source {
  /** Its keys, `type` first. */
  entries: [key: string, value: Value][];
  /** Remarks on settings without a counterpart. */
  notes: string[];
  /** Fault in the table; absent if it has none. */
  problem?: { line: number; message: string };
  /** Name of the input, which no two sources may have, such as `group 1`. */
  share: string;
  /**
   * Joins sources of the same share that differ; absent where the first one stands for all.
   *
   * @param sources This source and others.
   * @returns The join; undefined where no source can be all of them.
   */
  join?: (sources: readonly Source[]) => JoinedSource | undefined;
}

/** A source that stands for several of ulogd's inputs. */
export interface JoinedSource {
  /** Its keys, `type` first. */
  entries: Source["entries"];
  /** Expressions that choose each input's records of all; undefined where these are all. */
  choices: readonly (string | undefined)[];
}

/** Version of the program whose file it is; they differ in defaults. */
export type Version = 1 | 2;

/** A type of source that replaces a plugin. */
export interface InputCounterpart {
  /** The kind of its records. */
  kind: RecordKind;
  /** Makes a source of the plugin's settings. */
  make(settings: Settings): Source;
}

/** The stack that ends with an output. */
export interface Route {
  /** Plugins between input and output, such as `BASE`. */
  filters: readonly string[];
  /** Settings of its input. */
  input: Settings;
  /** The kind of its records. */
  kind: RecordKind;
}

/** A type of output that replaces a plugin. */
export interface OutputCounterpart {
  /** Makes an output of the plugin's settings. */
  make(settings: Settings, version: Version, route: Route): Output;
  /** The kinds of records that it takes. */
  kinds: readonly RecordKind[];
  /** Whether it has a spool, which no two may share. */
  hasSpool: boolean;
}

/** Types of sources and outputs that replace plugins, by the plugin's name. */
export interface Counterparts {
  /** For input plugins. */
  inputs: Readonly<Record<string, InputCounterpart>>;
  /** For output plugins. */
  outputs: Readonly<Record<string, OutputCounterpart>>;
}
