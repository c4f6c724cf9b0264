import { assertEquals } from "@std/assert";
import document from "../../../docs/web.md" with { type: "text" };
import { COMMANDS } from "../../../src/web/page/keys/commands.ts";

Deno.test("docs/web.md tells every key of the page", () => {
  const [table] = /^\| key [^]*?\n\n/m.exec(document)!;
  const told = [...table.matchAll(/`([^`]+)`/g)].map(([, key]) => key);
  const commands: { keys: readonly string[]; shown?: string }[] = Object.values(COMMANDS);
  const keys = commands.flatMap(({ keys, shown }) => shown?.split(" ") ?? keys);
  const untold = keys.filter((key) => !told.includes(key) && !table.includes(key));
  assertEquals(untold.filter((key) => !["2", "3"].includes(key)), []);
  assertEquals(keys.length, new Set(keys).size);
});
