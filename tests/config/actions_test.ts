import { assertEquals } from "@std/assert";
import { checkActions } from "../../src/config/actions.ts";
import type { ConfigProblem } from "../../src/errors.ts";

function check(value: unknown): [actions: unknown, problems: string[]] {
  const problems: ConfigProblem[] = [];
  const actions = checkActions(value, problems);
  return [actions, problems.map(({ key, message }) => `${key}: ${message}`)];
}

Deno.test("Actions are patterns of prefixes, and none are needed", () => {
  assertEquals(check(undefined), [{}, []]);
  const actions = { "DROP*": "drop", "": "log", "__proto__x": "accept" };
  assertEquals(check(actions), [actions, []]);
});

Deno.test("Every wrong action is named with its pattern and what would be right", () => {
  const [actions, problems] = check({ "a*": "dorp", b: 1, ok: "reject", ["c".repeat(128)]: "log" });
  assertEquals(actions, { ok: "reject" });
  assertEquals(problems, [
    'actions."a*": must be "drop" or "reject" or "accept" or "log", not "dorp"; did you mean "drop"?',
    'actions."b": must be "drop" or "reject" or "accept" or "log", not 1',
    `actions."${"c".repeat(128)}": matches no prefix: these have at most 127 bytes`,
  ]);
  assertEquals(check(["drop"])[1], ["actions: must be a table: write [actions]"]);
});
