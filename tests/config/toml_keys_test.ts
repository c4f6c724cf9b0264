import { assertEquals } from "@std/assert";
import { duplicateOf } from "../../src/config/toml_keys.ts";

Deno.test("duplicateOf() finds keys and tables that stand twice, with their lines", () => {
  for (
    const [toml, name, lines] of [
      ["a = 1\na = 2", "a", [1, 2]],
      ['"a" = 1\n# a = 3\n\na = 2', "a", [1, 4]],
      ["[a]\nb = 1\nb = 2", "a.b", [2, 3]],
      ["a.b = 1\na . 'b' = 2", "a.b", [1, 2]],
      ["[a]\nb = 1\n[c]\n[a]\nd = 2", "[a]", [1, 4]],
      ["[[s]]\ng = 1\n[[s]]\ng = 1\ng = 2", "s.g", [4, 5]],
      ["[[s]]\n[s.t]\na = 1\n[s.t]", "[s.t]", [2, 4]],
      ["a = { b = 1, c = 2, b = 3 }", "a.b", [1, 1]],
      ["a = [{ b = 1 }, { b = 1, b = 2 }]", "a.b", [1, 1]],
      ['a = """\nx = 1\n"""\nx = 1\nx = 2', "x", [4, 5]],
      ["a = 1979-05-27 07:32:00Z\na = 1", "a", [1, 2]],
    ] as const
  ) {
    assertEquals(duplicateOf(toml), { name, lines: [...lines] }, toml);
  }
});

Deno.test("duplicateOf() takes names in different tables for different ones", () => {
  for (
    const toml of [
      "",
      "[a]\nb = 1\n[c]\nb = 1",
      "[[s]]\ng = 1\n[[s]]\ng = 2",
      "[[s]]\n[s.t]\na = 1\n[[s]]\n[s.t]\na = 1",
      "[a.b]\nx = 1\n[a]\nx = 1",
      "a = [{ b = 1 }, { b = 2 }]",
      "a = '''\nx = 1\nx = 2\n'''\nb = \"x = 1 # \\\" \"",
      'a = ["]", "}", # ]\n "x"]\nb = 1_000\nc = true',
      "a.b = 1\na.c = 2",
    ]
  ) {
    assertEquals(duplicateOf(toml), undefined, toml);
  }
});

Deno.test("duplicateOf() comes to an end at whatever is no TOML", () => {
  for (
    const toml of ["[", "[[a]", "a", "a = ", 'a = "', "a = [", "a = {", "= 1", "a = [1 2]", "\0"]
  ) {
    assertEquals(duplicateOf(toml), undefined, toml);
  }
});
