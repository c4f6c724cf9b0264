import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../src/packet/interface.ts";

Deno.test("An InterfaceTable returns the latest name", () => {
  const table = new InterfaceTable().with([[2, "eth0"]]).with([[3, "lo"]]).with([[2, "wan"]]);
  assertEquals([table.get(2).name, table.get(3).name], ["wan", "lo"]);
});

Deno.test("An unknown interface has its index and no name", () => {
  const unknown = new InterfaceTable().get(9);
  assertEquals([unknown.index, unknown.name], [9, undefined]);
});

Deno.test("An interface as text is its name, else its number", () => {
  const table = new InterfaceTable().with([[2, "eth0"]]);
  assertEquals(`${table.get(2)} ${table.get(9)}`, "eth0 9");
});

Deno.test("A renamed interface keeps its old name in the table of before", () => {
  const before = new InterfaceTable().with([[2, "eth0"]]);
  const after = before.with([[2, "wan"]]);
  assertEquals([before.get(2).name, after.get(2).name], ["eth0", "wan"]);
});
