/**
 * Encodes decisions about records as records in an output area of their own.
 *
 * A record: its length, a bit for each output, lengths of the record's text, of the failure
 * and of the attached fields, how many lines are left out (32 bits each, little-endian); the
 * record's structured form as JSON, how the filter failed, what it attached and the lines that it
 * emitted, both as JSON.
 */

const HEADER = 24;
/** Characters of the record's structured form, and bytes that they may take. */
export const FORM_MAX: number = 16 * 1024;
const FORM_BYTES_MAX = 3 * FORM_MAX;
/** Bytes of the failure's text that are kept. */
const TEXT_MAX = 4096;
/** Limits for attached fields (`attach.ts`) and for emitted lines, in bytes. */
const ATTACHED_MAX = 64 * 1024;
const LINES_MAX = 64 * 1024;
/** Bytes of the longest record. */
export const TRACE_MAX: number = HEADER + FORM_BYTES_MAX + TEXT_MAX + ATTACHED_MAX + LINES_MAX;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Line that a script emitted. */
export interface TracedLine {
  /** Index of the output. */
  output: number;
  /** Fields, in order. */
  fields: readonly (readonly [name: string, value: string])[];
}

/** Decision about a record. */
export interface Trace {
  /** Bit for each output that the record goes to. */
  mask: number;
  /** Structured form of the record, as JSON; empty where lines were emitted between two. */
  form: string;
  /** Failure of the filter; empty if there is none. */
  error: string;
  /** Fields that the filter attached, as JSON; empty for none. */
  attached: string;
  /** Lines that the script emitted. */
  lines: readonly TracedLine[];
  /** Number of further lines that do not fit into the record. */
  omitted: number;
}

/**
 * Writes a record. Lines that do not fit are counted.
 *
 * @param out Buffer with {@linkcode TRACE_MAX} free bytes from `at` on.
 * @returns Number of bytes written.
 */
export function writeTrace(trace: Trace, out: Uint8Array, at: number): number {
  let end = at + HEADER;
  const put = (text: string, most: number) => {
    const { written } = encoder.encodeInto(text, out.subarray(end, end + most));
    end += written;
    return written;
  };
  const { json, omitted } = fittingLines(trace.lines);
  const sizes = [
    put(trace.form, FORM_BYTES_MAX),
    put(trace.error, TEXT_MAX),
    put(trace.attached, ATTACHED_MAX),
  ];
  put(json, LINES_MAX);
  const view = new DataView(out.buffer, out.byteOffset + at, HEADER);
  [end - at, trace.mask, ...sizes, trace.omitted + omitted].forEach((word, index) =>
    view.setUint32(4 * index, word, true)
  );
  return end - at;
}

/** Formats the first lines as JSON, as many as fit; empty for none. */
function fittingLines(lines: readonly TracedLine[]): { json: string; omitted: number } {
  if (lines.length === 0) return { json: "", omitted: 0 };
  const kept: string[] = [];
  let room = LINES_MAX - 2;
  for (const { output, fields } of lines) {
    const line = JSON.stringify([output, fields]);
    room -= encoder.encode(line).length + 1;
    if (room < 0) break;
    kept.push(line);
  }
  return { json: `[${kept.join(",")}]`, omitted: lines.length - kept.length };
}

/**
 * Reads records.
 *
 * @param bytes Untrusted bytes.
 * @returns Records up to the first invalid one.
 */
export function readTraces(bytes: Uint8Array): Trace[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const traces: Trace[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const word = (index: number) => view.getUint32(at + 4 * index, true);
    const end = at + word(0);
    const formEnd = at + HEADER + word(2);
    const errorEnd = formEnd + word(3);
    const attachedEnd = errorEnd + word(4);
    if (word(2) > FORM_BYTES_MAX || end > bytes.length || attachedEnd > end) break;
    const text = (from: number, to: number) => decoder.decode(bytes.slice(from, to));
    traces.push({
      mask: word(1),
      form: text(at + HEADER, formEnd),
      error: text(formEnd, errorEnd),
      attached: objectText(text(errorEnd, attachedEnd)),
      lines: linesOf(text(attachedEnd, end)),
      omitted: word(5),
    });
    at = end;
  }
  return traces;
}

/** `JSON.rawJSON`, which TypeScript's library does not declare yet. */
type RawJson = typeof JSON & { rawJSON(text: string): unknown };

/** Returns a JSON object as one line; empty if the text is none. */
function objectText(text: string): string {
  try {
    const value: unknown = JSON.parse(text, exactly);
    return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
  } catch {
    return "";
  }
}

/** Preserves integers of any size. */
function exactly(_name: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === "number" && source !== undefined && !Number.isSafeInteger(value)
    ? (JSON as RawJson).rawJSON(source)
    : value;
}

/** Returns the lines of a text, up to the first invalid one. */
function linesOf(text: string): TracedLine[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    return [];
  }
  const lines: TracedLine[] = [];
  for (const value of Array.isArray(values) ? values : []) {
    if (!Array.isArray(value)) break;
    const [output, fields] = value;
    if (!Number.isInteger(output) || !Array.isArray(fields) || !fields.every(isField)) break;
    lines.push({ output, fields });
  }
  return lines;
}

function isField(value: unknown): value is [string, string] {
  return Array.isArray(value) && value.length === 2 &&
    value.every((part) => typeof part === "string");
}
