/** Lines between the encoder and the writer of a Prometheus output. Pure. */

/** Counts of an object, to be added to those before. */
export interface Addition {
  /** Second of the reading. */
  seconds: number;
  packets: number;
  bytes: number;
  /** Labels by name. */
  labels: Readonly<Record<string, string>>;
}

/** Names of the labels, in the order of a line; empty ones are left out. */
const LABELS = ["host", "source", "object", "family", "table", "name"] as const;
/** The longest label, in characters; the kernel's names have at most 255 bytes, escaped ones more. */
const LABEL_MAX = 2048;
const TAB = "\t";

/** Returns a line; labels hold no control characters. */
export function lineOf({ seconds, packets, bytes, labels }: Addition): string {
  const texts = LABELS.map((name) => labels[name] ?? "");
  return `${[seconds, packets, bytes, ...texts].join(TAB)}\n`;
}

/** Parses a line of a sandbox; undefined if it is none. */
export function parseLine(line: string): Addition | undefined {
  const parts = line.split(TAB);
  const [seconds, packets, bytes] = parts.slice(0, 3).map(Number);
  const texts = parts.slice(3);
  if (texts.length !== LABELS.length || texts.some((text) => text.length > LABEL_MAX)) {
    return undefined;
  }
  if (!isCount(seconds) || !isCount(packets) || !isCount(bytes)) return undefined;
  const pairs = LABELS.map((name, index) => [name, texts[index]!] as const);
  const labels = Object.fromEntries(pairs.filter(([, text]) => text !== ""));
  return { seconds, packets, bytes, labels };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}
