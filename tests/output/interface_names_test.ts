import { assert, assertEquals } from "@std/assert";
import { InterfaceNames } from "../../src/output/interface_names.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("A name comes from the packet's table, and only once as bytes", () => {
  const table = new InterfaceTable().with([[2, "eth0"], [3, "wlan0"]]);
  const names = new InterfaceNames(String);
  const first = names.get(table, 2);
  assertEquals(text(first), "eth0");
  assertEquals(text(names.get(table, 3)), "wlan0");
  assert(names.get(table, 2) === first, "made again");
});

Deno.test("A new table brings new names, and the old one still has the old ones", () => {
  const before = new InterfaceTable().with([[2, "eth0"]]);
  const after = before.with([[2, "lan"]]);
  const names = new InterfaceNames(String);
  assertEquals(text(names.get(before, 2)), "eth0");
  assertEquals(text(names.get(after, 2)), "lan");
  assertEquals(text(names.get(before, 2)), "eth0");
});

Deno.test("An interface without a name is printed as the dialect does, until its name is known", () => {
  const table = new InterfaceTable();
  assertEquals(text(new InterfaceNames(String).get(table, 41)), "41");
  const names = new InterfaceNames(() => "");
  assertEquals(text(names.get(table, 41)), "");
  assertEquals(text(names.get(table.with([[41, "tun0"]]), 41)), "tun0");
});

Deno.test("A name beyond ASCII is its bytes", () => {
  const table = new InterfaceTable().with([[2, "büro"]]);
  assertEquals(text(new InterfaceNames(String).get(table, 2)), "büro");
});
