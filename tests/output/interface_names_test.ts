import { assert, assertEquals } from "@std/assert";
import { InterfaceNames } from "../../src/output/interface_names.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { nameBytes } from "../../src/text/utf8.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const shown = () => new InterfaceNames((device) => nameBytes(device.toString()));

Deno.test("A name comes from the packet's table, and only once as bytes", () => {
  const table = new InterfaceTable().with([[2, "eth0"], [3, "wlan0"]]);
  const names = shown();
  const first = names.get(table, 2);
  assertEquals(text(first), "eth0");
  assertEquals(text(names.get(table, 3)), "wlan0");
  assert(names.get(table, 2) === first, "made again");
});

Deno.test("A new table brings new names, and the old one still has the old ones", () => {
  const before = new InterfaceTable().with([[2, "eth0"]]);
  const after = before.with([[2, "lan"]]);
  const names = shown();
  assertEquals(text(names.get(before, 2)), "eth0");
  assertEquals(text(names.get(after, 2)), "lan");
  assertEquals(text(names.get(before, 2)), "eth0");
});

Deno.test("An interface without a name is printed as the format does, until its name is known", () => {
  const table = new InterfaceTable();
  assertEquals(text(shown().get(table, 41)), "41");
  const names = new InterfaceNames(({ name = "" }) => nameBytes(name));
  assertEquals(text(names.get(table, 41)), "");
  assertEquals(text(names.get(table.with([[41, "tun0"]]), 41)), "tun0");
});

Deno.test("A name beyond ASCII is its bytes", () => {
  const table = new InterfaceTable().with([[2, "büro"]]);
  assertEquals(text(shown().get(table, 2)), "büro");
});

Deno.test("Names of forged interfaces do not accumulate: at most 1000 are cached", () => {
  const table = new InterfaceTable();
  let encoded = 0;
  const names = new InterfaceNames(() => encoded++);
  for (let index = 0; index < 1000; index++) names.get(table, index);
  names.get(table, 0);
  assertEquals(encoded, 1000);
  names.get(table, 1000);
  names.get(table, 0);
  assertEquals(encoded, 1002);
});
