import { assertEquals, assertThrows } from "@std/assert";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

const REST = {
  source: [{ type: "nflog", group: 1 }],
  output: { pcap: { path: "t.pcap" } },
};

/** Returns the problems of keys outside of tables. */
function problems(top: Record<string, unknown>): string[] {
  const error = assertThrows(() => checkConfig({ ...REST, ...top }, "x.toml"), ConfigError);
  return error.problems.map(({ key, message }) => `${key}: ${message}`);
}

Deno.test("a user and a group are names or numbers, and absent if left out", () => {
  const { user, group } = checkConfig({ ...REST, user: "nfscribe", group: 990 }, "x.toml");
  assertEquals([user, group], ["nfscribe", 990]);
  const none = checkConfig(REST, "x.toml");
  assertEquals([Object.hasOwn(none, "user"), Object.hasOwn(none, "group")], [false, false]);
});

Deno.test("root, a group alone, and numbers that mean something else are refused", () => {
  const isRoot =
    'user: is root, who may do everything; name another user, as "nobody", or leave it out';
  assertEquals(problems({ user: "root" }), [isRoot]);
  assertEquals(problems({ user: 0 }), [isRoot]);
  assertEquals(problems({ group: "adm" }), ['group: is of no use alone; add user = "NAME"']);
  assertEquals(problems({ user: 4294967295 }), [
    "user: must be a number from 0 to 4294967294, not 4294967295",
  ]);
  assertEquals(problems({ user: -1 }), ["user: must be a user's name or a number, not -1"]);
});
