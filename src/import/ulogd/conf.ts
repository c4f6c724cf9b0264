/**
 * Parses ulogd's configuration files: `key=value` or `key value`, with or without sections. A `#`
 * begins a comment only at the beginning of a line; text after a value is ignored.
 */

/** A note on a line. */
export interface LineNote {
  /** The line, from 1. */
  line: number;
  /** Text of the note. */
  message: string;
}

/** A setting. */
export interface Setting {
  key: string;
  /** Its value, without quotes; empty if it has none. */
  value: string;
  /** Its line, from 1. */
  line: number;
  /** Note on its value. */
  note?: string;
}

/** A section of the file. */
export interface Section {
  /** Its name; empty for settings before the first section. */
  name: string;
  /** The line of its name. */
  line: number;
  /** Its settings, in order. */
  settings: Setting[];
}

/**
 * Parses a configuration file.
 *
 * @returns The sections, in order; of two with one name the first counts, as in ulogd.
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
 * Pattern of a setting. A quote counts only at the beginning of a value; elsewhere it is part of
 * the value. ulogd does not treat `\"` and `'` as quotes, and does not start with such values.
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
 * Parses a number as ulogd does (strtol(3), base 0).
 *
 * @returns 0 if it is not a number.
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
