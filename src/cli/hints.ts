/** Hints for options and words of other programs. */

const VERSION = "nfscribe --version tells the version";
const LEVEL = 'level = "debug" under [log] in the configuration makes it say more';
const FOREGROUND = "it stays in the foreground, as service managers want it";

/** Hints for options of ulogd and of most programs. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  v: `${VERSION}, and ${LEVEL}`,
  V: VERSION,
  version: VERSION,
  verbose: LEVEL,
  d: FOREGROUND,
  daemon: FOREGROUND,
};

/** As much of an option as a hint takes. */
interface Hinted {
  name: string;
  short?: string;
  like?: RegExp;
  letter?: string;
}

/**
 * Returns a hint for an unknown option.
 *
 * @param key What was typed, without dashes.
 * @param options The options there are.
 * @returns Text behind its name; undefined where there is no likely meaning.
 */
export function hintForOption(key: string, options: readonly Hinted[]): string | undefined {
  const elsewhere = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
  if (elsewhere !== undefined) return `: ${elsewhere}`;
  if (key.length > 1) return undefined;
  const meant = options.filter(({ name, letter }) => letter === key || name.startsWith(key));
  if (meant.length === 0) return undefined;
  return `; did you mean ${meant.map(({ name }) => `"--${name}"`).join(" or ")}?`;
}

/**
 * Finds the option that a stray word may belong to.
 *
 * @param options The options there are.
 * @returns As in `--group 1`; undefined where there is no likely meaning.
 */
export function hintForWord(word: string, options: readonly Hinted[]): string | undefined {
  const found = options.find(({ like }) => like?.test(word));
  if (found === undefined) return undefined;
  return `${found.short === undefined ? `--${found.name}` : `-${found.short}`} ${word}`;
}
