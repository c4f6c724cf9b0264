/**
 * Hints for options and words of other programs.
 *
 * @module
 */

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

/** tcpdump's `-i nflog:1` and `-w FILE`. */
const OTHER_NAMES: Readonly<Record<string, string>> = { i: "group", w: "pcap" };

/**
 * Returns a hint for an unknown option.
 *
 * @param key What was typed, without dashes.
 * @param names The options there are.
 * @returns Text behind its name; undefined where there is no likely meaning.
 */
export function hintForOption(key: string, names: readonly string[]): string | undefined {
  const elsewhere = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : undefined;
  if (elsewhere !== undefined) return `: ${elsewhere}`;
  if (key.length > 1) return undefined;
  const other = Object.hasOwn(OTHER_NAMES, key) ? OTHER_NAMES[key] : undefined;
  const meant = names.filter((name) => name === other || name.startsWith(key));
  if (meant.length === 0) return undefined;
  return `; did you mean ${meant.map((name) => `"--${name}"`).join(" or ")}?`;
}

/** Which option what looks like this belongs to. */
const SHAPES: readonly (readonly [shape: RegExp, option: string, flag: string])[] = [
  [/^\d+$/, "group", "--group"],
  [/\.toml$/, "config", "-c"],
  [/\.[mc]?[jt]s$/, "filter", "--filter"],
  [/\.pcap(ng)?(\.gz)?$/, "pcap", "--pcap"],
  [/\.log$/, "logemu", "--logemu"],
  [/^postgres(ql)?:/, "postgres", "--postgres"],
];

/**
 * The option that a word belongs to which stands alone.
 *
 * @param word The word.
 * @param names The options there are.
 * @returns As in `--group 1`; undefined where there is no likely meaning.
 */
export function hintForWord(word: string, names: readonly string[]): string | undefined {
  const found = SHAPES.find(([shape, option]) => shape.test(word) && names.includes(option));
  return found === undefined ? undefined : `${found[2]} ${word}`;
}
