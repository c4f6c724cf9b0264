/**
 * ulogd's configuration files: `key=value` or `key value`, with or without
 * sections. A `#` begins a comment only at the beginning of a line; what follows
 * a value is not looked at.
 *
 * @module
 */

/** A remark on a line. */
export interface LineNote {
  /** The line, from 1 on. */
  line: number;
  /** Text of the remark. */
  message: string;
}

/** One line. */
export interface Setting {
  /** Its key. */
  key: string;
  /** Its value, without quotes; empty without one. */
  value: string;
  /** Its line, from 1 on. */
  line: number;
  /** Remark on its value. */
  note?: string;
}

/** A part of the file. */
export interface Section {
  /** Its name; empty for what stands before the first one. */
  name: string;
  /** The line of its name. */
  line: number;
  /** Its settings, in order. */
  settings: Setting[];
}

/**
 * Reads a configuration file.
 *
 * @param text Its text.
 * @returns The sections, in order; of two with one name the first counts, as with ulogd.
 */
export function parseConf(text: string): Section[] {
  const sections: Section[] = [{ name: "", line: 1, settings: [] }];
  text.split(/\r?\n/).forEach((content, index) => {
    const line = index + 1;
    if (content.startsWith("#")) return;
    const [, name] = /^\s*\[\s*([^\]\s]*)/.exec(content) ?? [];
    if (name !== undefined) sections.push({ name, line, settings: [] });
    else sections.at(-1)!.settings.push(...settingOf(content, line));
  });
  return sections;
}

/**
 * A quote is one at the beginning of a value only; elsewhere it is a part of it. `\"` and
 * `'` are none for ulogd, which does not start with what they then say.
 */
const SETTING = /^[\s=]*([^\s="]+)[\s=]*(?:"([^"]*)"|\\"(.*?)\\"|'([^']*)'|([^\s="][^\s=]*)|("))?/;

function settingOf(content: string, line: number): Setting[] {
  const [, key, quoted, escaped, single, plain, open] = SETTING.exec(content) ?? [];
  if (key === undefined || key.startsWith("#")) return [];
  const value = quoted ?? escaped ?? single ?? plain ?? "";
  const note = open !== undefined
    ? `the quote of ${key} is not closed; ulogd does not read it`
    : escaped !== undefined
    ? `ulogd takes \\" for a part of ${key}; here it is a quote`
    : single !== undefined
    ? `ulogd takes ' for a part of ${key}; here it is a quote`
    : undefined;
  return [{ key, value, line, ...note !== undefined && { note } }];
}

/**
 * A number as ulogd reads it (strtol(3), base 0).
 *
 * @returns 0 if it is none.
 */
export function numberIn(text: string): number {
  const [, sign, hexadecimal, octal, decimal] =
    /^([-+]?)(?:0x([\da-f]+)|0([0-7]+)|(\d+))/i.exec(text) ?? [];
  const value = hexadecimal !== undefined
    ? parseInt(hexadecimal, 16)
    : octal !== undefined
    ? parseInt(octal, 8)
    : Number(decimal ?? 0);
  return sign === "-" ? -value : value;
}
