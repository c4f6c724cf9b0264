/** Reads option files of MySQL's clients (MySQL documentation, "Using Option Files"). Pure. */

/** Groups that are read; of two values the later one counts. */
const GROUPS: readonly string[] = ["client", "mysql", "client-mariadb", "nfscribe"];

/** Characters after a backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  r: "\r",
  s: " ",
  "\\": "\\",
};

/**
 * Returns the options of a file, by name with `-` in place of `_`. Directives that include other
 * files are not followed.
 */
export function readOptions(text: string): Map<string, string> {
  const options = new Map<string, string>();
  let isOurs = false;
  for (const line of text.split("\n").map((line) => line.trim())) {
    const [, group] = /^\[(.*)\]$/.exec(line) ?? [];
    if (group !== undefined) isOurs = GROUPS.includes(group.trim());
    if (!isOurs || group !== undefined || /^[#;!]/.test(line)) continue;
    const [, name, value = ""] = /^([\w-]+)\s*(?:=\s*(.*))?$/.exec(line) ?? [];
    if (name !== undefined) options.set(name.replaceAll("_", "-"), valueOf(value));
  }
  return options;
}

/** Returns a value without quotes, or the comment behind it. */
function valueOf(text: string): string {
  const [, quote, inside] = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(text) ?? [];
  const value = quote === undefined ? text.replace(/\s+#.*$/, "") : inside!;
  return value.replaceAll(/\\(.)/g, (all, letter) => ESCAPES[letter] ?? all);
}
