import { assertEquals } from "@std/assert";
import { paintedLine, type Piece } from "../../src/terminal/paint.ts";

const PIECES: Piece[] = [["12:00", "dim"], ["  ", "plain"], ["TCP SYN", "cyan"], [
  " drop",
  "yellow",
]];

Deno.test("paintedLine() colours pieces where colours are wanted", () => {
  assertEquals(paintedLine(PIECES, 80, false), "12:00  TCP SYN drop");
  assertEquals(
    paintedLine(PIECES, 80, true),
    "\x1b[2m12:00\x1b[0m  \x1b[36mTCP SYN\x1b[0m\x1b[33m drop\x1b[0m",
  );
});

Deno.test("paintedLine() cuts at the terminal's edge, with every colour ended", () => {
  assertEquals(paintedLine(PIECES, 19, false), "12:00  TCP SYN drop");
  assertEquals(paintedLine(PIECES, 18, false), "12:00  TCP SYN dr…");
  assertEquals(paintedLine(PIECES, 14, false), "12:00  TCP SY…", "a piece that just fits");
  assertEquals(paintedLine(PIECES, 10, true), "\x1b[2m12:00\x1b[0m  \x1b[36mTC…\x1b[0m");
  assertEquals(paintedLine([], 10, true), "");
});
