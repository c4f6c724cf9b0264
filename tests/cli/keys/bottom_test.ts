import { assert, assertEquals } from "@std/assert";
import { bottom, type BottomState } from "../../../src/cli/keys/bottom.ts";
import { Controls } from "../../../src/cli/keys/controls.ts";
import { helpPage } from "../../../src/cli/keys/help_page.ts";
import { expression } from "../../../src/filter/expression/expression.ts";
import { Trend } from "../../../src/terminal/trend.ts";
import { textWidth } from "../../../src/terminal/width.ts";

function stateOf(columns: number, keys: readonly string[] = [], where?: string): BottomState {
  const controls = new Controls({ where, check: expression, hasTop: true });
  for (const key of keys) controls.press(key);
  const trend = new Trend();
  trend.add(1234);
  trend.tick(1);
  return { controls, trend, passed: 0, omitted: 0, columns, colored: false };
}

Deno.test("The status line has trend, rate and keys, as far as there is room", () => {
  assertEquals(
    bottom(stateOf(80)).lines,
    [
      "                             █ 1,234/s  q quit  p pause  / filter  t top  ? help",
    ].map((line) => line.slice(1)),
  );
  assertEquals(bottom(stateOf(40)).lines[0]!.trimStart(), "█ 1,234/s  ? help");
  assertEquals(bottom(stateOf(9)).lines, ["1,234/s"]);
});

Deno.test("A pause, what is not seen and the expression stand in it", () => {
  const state = { ...stateOf(120, ["p"], "tcp port 22"), passed: 5678, omitted: 90 };
  const [line] = bottom(state).lines;
  assert(line!.includes("paused: 5,678 passed  90 not seen  tcp port 22"), line);
  assert(line!.includes("p go on"), line);
  const painted = bottom({ ...state, colored: true }).lines[0]!;
  assert(painted.includes("\x1b[7mpaused: 5,678 passed\x1b[0m"), painted);
});

Deno.test("What is typed is in sight with the cursor, and an error has its place and reason", () => {
  const typed = stateOf(40, ["/", ..."tcp prot 22"]);
  assertEquals(bottom(typed).cursor, { line: 0, column: 12 });
  assertEquals(bottom(typed).lines[0], "/tcp prot 22");
  typed.controls.press("Enter");
  assertEquals(bottom(typed).lines, [
    "/tcp prot 22",
    "     ^^^^",
    '"prot" is not a word of expressions;',
    '    did you mean "port"?',
  ]);
  const long = stateOf(20, ["/", ..."host 192.0.2.1 or host 192.0.2.22"]);
  const { lines, cursor } = bottom(long);
  assert(lines[0]!.endsWith("192.0.2.22") && cursor!.column === textWidth(lines[0]!), lines[0]);
});

Deno.test("No line is wider than the terminal, in any state and width", () => {
  const keys = ["/", ..."tcp prot 22 and host 2001:db8::1 or (udp and not port 5353)"];
  for (let columns = 1; columns <= 200; columns++) {
    const states = [
      stateOf(columns),
      { ...stateOf(columns, ["p"], "tcp port 22 and host 2001:db8::1"), passed: 1e9, omitted: 1e9 },
      stateOf(columns, keys),
      stateOf(columns, [...keys, "Enter"]),
      stateOf(columns, [...keys, "Enter", "Home"]),
    ];
    for (const state of states) {
      const { lines, cursor } = bottom(state);
      for (const line of [...lines, ...helpPage(state.controls, columns)]) {
        assert(textWidth(line) <= Math.max(1, columns - 1), `${columns}: ${line}`);
      }
      assert((cursor?.column ?? 0) < Math.max(4, columns), `${columns}: ${cursor?.column}`);
    }
  }
});

Deno.test("Help lists the keys that there are, in 80 columns whole", () => {
  const all = helpPage(stateOf(80).controls, 80).join("\n");
  for (const key of ["q ", "p, space", "/ ", "t ", "? help".slice(0, 1), "Ctrl-Z"]) {
    assert(all.includes(`\n${key}`), key);
  }
  assert(!all.includes("…"), all);
  const few = helpPage(new Controls({ hasTop: false }), 80).join("\n");
  assert(!few.includes("\n/") && !few.includes("\nt "), few);
});
