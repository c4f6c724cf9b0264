import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../../src/web/page/keys/commands.ts";

Deno.test("No two commands of the page have the same key", () => {
  const commands: { keys: readonly string[]; shown?: string }[] = Object.values(COMMANDS);
  const keys = commands.flatMap(({ keys, shown }) => shown?.split(" ") ?? keys);
  assertEquals(keys.length, new Set(keys).size);
});
