/** Parses the text of units (systemd.unit(5), systemd.syntax(7)). Pure. */

import { normalPath } from "../text/path.ts";

/** Returns the assignments of `[Service]`; an empty one resets those before it. */
export function settingsOf(texts: readonly string[]): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  for (const text of texts) {
    let section = "";
    for (const line of text.replaceAll(/\\\n/g, " ").split("\n").map((line) => line.trim())) {
      const header = /^\[(.*)\]$/.exec(line)?.[1];
      section = header ?? section;
      const [, key, value] = /^([A-Za-z]+)\s*=\s*(.*)$/.exec(line) ?? [];
      if (key === undefined || section !== "Service") continue;
      settings.set(key, value === "" ? [] : [...settings.get(key) ?? [], value!]);
    }
  }
  return settings;
}

/** Returns the words of a setting's lines. */
export function words(lines: readonly string[] = []): string[] {
  return lines.flatMap((line) => line.match(QUOTED_WORD) ?? [])
    .map((word) => unquoted(word).replaceAll("%%", "%"));
}

/** Returns whether a setting is on. */
export function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(1|yes|true|on)$/i.test(value);
}

/**
 * Returns the configuration file that a command line names.
 *
 * @param line Value of `ExecStart=`.
 */
export function configNamedBy(line: string): string | undefined {
  const all = words([line]);
  for (const [index, word] of all.entries()) {
    const named = /^(?:--config|-c)=(.*)$/.exec(word)?.[1] ??
      (word === "-c" || word === "--config" ? all[index + 1] : undefined);
    if (named !== undefined) return normalPath(named);
  }
  return undefined;
}

/** Returns a path as a word of a setting; the opposite of {@linkcode words}. */
export function unitWord(path: string): string {
  const text = path.replaceAll("%", "%%");
  return /^[\w/.%+:@-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Returns the variables of `Environment=`; specifiers (`%h`) are not filled in. */
export function variablesIn(lines: readonly string[] = []): Map<string, string> {
  return new Map(words(lines).flatMap(assignment));
}

/** Returns the variables of a file for `EnvironmentFile=`. */
export function variablesOfFile(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  return new Map(lines.filter((line) => !/^[#;]/.test(line)).map(unquoted).flatMap(assignment));
}

/** Word that may have quotes around itself, or around a part. */
const QUOTED_WORD = /(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*')+/g;

function unquoted(word: string): string {
  return word.replaceAll(
    /"((?:\\.|[^"\\])*)"|'([^']*)'/g,
    (_, double, single) => double?.replaceAll(/\\(.)/g, "$1") ?? single,
  );
}

function assignment(text: string): [name: string, value: string][] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  return name === undefined ? [] : [[name, value!]];
}
