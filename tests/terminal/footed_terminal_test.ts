import { assert, assertEquals } from "@std/assert";
import { FootedTerminal } from "../../src/terminal/footed_terminal.ts";
import { Emulator } from "./emulator.ts";
import { Recorder } from "./recorder.ts";

/** A recorder that takes whole writes, and counts them. */
class Writes extends Recorder {
  count = 0;
  override async write(bytes: Uint8Array): Promise<number> {
    await this.held;
    this.count++;
    if (this.failure !== undefined) throw this.failure;
    this.text += String.fromCharCode(...bytes);
    return bytes.length;
  }
}

const SIZE = { columns: 20, rows: 5 };

function terminalOf(size = SIZE) {
  const stream = new Writes();
  const terminal = new FootedTerminal(stream, () => size);
  return {
    stream,
    terminal,
    write: (text: string) => terminal.write(new TextEncoder().encode(text)),
    /** Returns the screen after all that was written. */
    get screen() {
      const emulator = new Emulator(size.columns, size.rows);
      emulator.write(stream.decoded);
      return emulator;
    },
  };
}

/** Waits for the frames that were begun. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await Promise.resolve();
}

Deno.test("Lines scroll above the bottom ones, a write for each frame", async () => {
  const shown = terminalOf();
  shown.terminal.setFooter(["status", "keys"]);
  await settled();
  for (const text of ["a\nb\n", "c\nd\n"]) assertEquals(await shown.write(text), 4);
  const { lines, scrolled, showsCursor } = shown.screen;
  assertEquals([lines, scrolled], [["b", "c", "d", "status", "keys"], ["a"]]);
  assertEquals([shown.stream.count, showsCursor], [3, false]);
});

Deno.test("Only a changed bottom line is drawn, and none for nothing", async () => {
  const shown = terminalOf();
  shown.terminal.setFooter(["one", "two", "three"]);
  await settled();
  const before = shown.stream.text.length;
  shown.terminal.setFooter(["one", "2", "three"]);
  await settled();
  const drawn = shown.stream.text.slice(before);
  assert(drawn.includes("2") && !drawn.includes("one") && !drawn.includes("three"), drawn);
  assertEquals(shown.screen.lines, ["one", "2", "three"]);
  shown.terminal.setFooter(["one", "2", "three"]);
  await settled();
  assertEquals(shown.stream.count, 2);
});

Deno.test("The cursor stands where it was set, and more or fewer lines take the place", async () => {
  const shown = terminalOf();
  await shown.write("a\n");
  shown.terminal.setFooter(["/tcp", "help"], { line: 0, column: 3 });
  await settled();
  assertEquals([shown.screen.cursor, shown.screen.showsCursor], [[1, 3], true]);
  shown.terminal.setFooter(["/tcx", "    ^", "wrong"], { line: 0, column: 4 });
  await settled();
  assertEquals([shown.screen.lines, shown.screen.cursor], [["a", "/tcx", "    ^", "wrong"], [
    1,
    4,
  ]]);
  await shown.write("b\n");
  shown.terminal.setFooter(["status"]);
  await settled();
  assertEquals(shown.screen.lines, ["a", "b", "status"]);
});

Deno.test("A page covers the lines, which wait for its end", async () => {
  const shown = terminalOf();
  await shown.write("a\n");
  shown.terminal.setFooter(["status"]);
  shown.terminal.setPage(["help", "", "", "", "bottom"]);
  await settled();
  assertEquals([shown.screen.isPage, shown.screen.lines], [true, ["help", "", "", "", "bottom"]]);
  let isWritten = false;
  const writing = shown.write("b\n").then(() => isWritten = true);
  shown.terminal.setPage(["help", "", "more", "", "bottom"]);
  await settled();
  assertEquals([isWritten, shown.screen.lines[2]], [false, "more"]);
  shown.terminal.setPage(undefined);
  await writing;
  assertEquals([shown.screen.isPage, shown.screen.lines], [false, ["a", "b", "status"]]);
});

Deno.test("Closing restores cursor and screen, also from a page, and the rest is written as it is", async () => {
  for (const page of [undefined, ["page"]]) {
    const shown = terminalOf();
    await shown.write("a\n");
    shown.terminal.setFooter(["status"]);
    shown.terminal.setPage(page);
    await settled();
    await shown.terminal.close();
    await shown.write("b\n");
    const { lines, showsCursor, isPage } = shown.screen;
    assertEquals([lines, showsCursor, isPage], [["a", "b", ""], true, false]);
  }
});

Deno.test("A block stays on the screen at the end, if it is to", async () => {
  const shown = terminalOf();
  shown.terminal.setFooter(["rates", "status"]);
  await settled();
  shown.terminal.setFooter(["last rates"]);
  await shown.terminal.close({ keeps: true });
  assertEquals([shown.screen.lines, shown.screen.showsCursor], [["last rates", ""], true]);
});

Deno.test("While suspended nothing is written, and afterwards all is drawn anew", async () => {
  const shown = terminalOf();
  shown.terminal.setFooter(["status"]);
  await settled();
  await shown.terminal.suspend();
  assertEquals([shown.screen.lines, shown.screen.showsCursor], [[""], true]);
  const { length } = shown.stream.text;
  const writing = shown.write("a\n");
  shown.terminal.setFooter(["new"]);
  await settled();
  assertEquals(shown.stream.text.length, length);
  shown.stream.text += "$ fg\n";
  shown.terminal.resume();
  await writing;
  assertEquals(shown.screen.lines, ["$ fg", "a", "new"]);
});

Deno.test("A terminal that takes nothing does not hold up its end, and a failure ends writes", async () => {
  const stuck = terminalOf();
  const hold = Promise.withResolvers<void>();
  stuck.stream.held = hold.promise;
  const writing = stuck.write("a\n");
  await settled();
  await stuck.terminal.close();
  hold.resolve();
  await writing;
  const gone = terminalOf();
  gone.stream.failure = new Deno.errors.BrokenPipe("gone");
  const failure = await gone.write("a\n").catch((error) => error);
  assert(failure instanceof Deno.errors.BrokenPipe);
  await gone.terminal.close();
});

Deno.test("In a terminal that became narrower wrapped bottom lines are all erased", async () => {
  const size = { columns: 20, rows: 8 };
  const shown = terminalOf(size);
  shown.terminal.setFooter(["x".repeat(19)]);
  await settled();
  const before = shown.stream.decoded.length;
  size.columns = 10;
  shown.terminal.setFooter(["narrow"]);
  await settled();
  assert(shown.stream.decoded.slice(before).includes("\r\x1b[1A\x1b[Jnarrow"));
});
