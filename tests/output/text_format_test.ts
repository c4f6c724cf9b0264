import { assertEquals, assertThrows } from "@std/assert";
import type { FileEnd, FileFormat } from "../../src/output/file/record_file.ts";
import { documentFormat, linesFormat } from "../../src/output/file/text_format.ts";

/** Checks a file with these contents. */
function check(format: FileFormat, text: string): FileEnd {
  const bytes = new TextEncoder().encode(text);
  return format.check((offset, buffer) => {
    const part = bytes.subarray(offset, offset + buffer.length);
    buffer.set(part);
    return part.length;
  }, bytes.length);
}

Deno.test("Of lines, a last one without an end is cut off", () => {
  const ends = [
    "a\n",
    "a\nb",
    "a",
    "\n",
    `${"x".repeat(70_000)}\n${"y".repeat(200_000)}`,
    "y".repeat(200_000),
  ]
    .map((text) => check(linesFormat(), text).end);
  assertEquals(ends, [2, 2, 0, 1, 70_001, 0]);
});

Deno.test("Of records of several lines, one whose last line has no end is cut off as a whole", () => {
  const format = linesFormat({ firstLine: "==>\n" });
  const whole = "==>\na=1\nb=2\n";
  const ends = ["", "=", "==>", "==>\n", "==>\na=", "==>\na=1\nb"]
    .map((torn) => check(format, whole + torn).end);
  // A first line alone is a record without keys.
  assertEquals(ends, [12, 12, 12, 16, 12, 12]);
  assertEquals(check(format, "no record\na=1").end, 10);
  assertEquals(check(format, "==>\na=1").end, 0);
  // The text of a value is no first line.
  assertEquals(check(format, "==>\nprefix===>\nb").end, 0);
});

Deno.test("A capture file is not appended lines to", () => {
  const pcap = String.fromCharCode(0xa1);
  const bytes = Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 0, 0);
  assertThrows(
    () =>
      linesFormat().check((offset, buffer) => {
        const part = bytes.subarray(offset, offset + buffer.length);
        buffer.set(part);
        return part.length;
      }, bytes.length),
    Error,
    "it is a pcap or pcapng file, and no text; choose another file",
  );
  assertEquals(check(linesFormat(), `${pcap}\n`).end, 3);
});

Deno.test("A document goes on before its end tag, and a torn line is cut off", () => {
  const format = documentFormat("<d>\n", "</d>\n", "document");
  const ends = ["<d>\n", "<d>\n<a/>\n", "<d>\n<a/>\n<b", "<d>\n<a/>\n</d>\n<b", "<d>\n</d", "<d"]
    .map((text) => check(format, text).end);
  assertEquals(ends, [4, 9, 9, 9, 4, 0]);
  for (const other of ["<e>\n", "<d></d>\n", "x"]) {
    assertThrows(() => check(format, other), Error, "it is no document; choose another file");
  }
});
