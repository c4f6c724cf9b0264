import { assertEquals, assertStringIncludes } from "@std/assert";
import { interfacesFinding } from "../../src/doctor/interfaces.ts";

/** Interfaces by name; those with a minus in front are down. */
function links(...names: string[]) {
  return names.map((name, index) => ({
    index: index + 1,
    name: name.replace("-", ""),
    isUp: !name.startsWith("-"),
  }));
}

Deno.test("interfacesFinding() says that no packet can arrive where nothing is up", () => {
  for (const down of [links("-lo"), links("-lo", "-eth0"), []]) {
    const { state, message, commands } = interfacesFinding(undefined, down);
    assertEquals([state, commands], ["fix", ["ip link set lo up"]]);
    assertStringIncludes(message, "no packet can arrive");
  }
});

Deno.test("interfacesFinding() names what brings loopback up in the source's namespace", () => {
  const command = (netns: string | number) => interfacesFinding(netns, links("-lo")).commands![0];
  assertEquals(command("/run/netns/blue"), "ip -n blue link set lo up");
  assertEquals(command(42), "nsenter --target 42 --net ip link set lo up");
  assertEquals(command("/proc/42/ns/net"), "nsenter --net=/proc/42/ns/net ip link set lo up");
  assertEquals(interfacesFinding("/run/netns/blue", links("lo")).check, "interfaces blue");
});

Deno.test("interfacesFinding() is well where interfaces are up, and notices a missing loopback", () => {
  assertEquals(interfacesFinding(undefined, links("lo")).message, "lo is up");
  const many = interfacesFinding(undefined, links("lo", "a", "-b", "c", "d", "e"));
  assertEquals([many.state, many.message], ["ok", "lo, a, c and 2 more are up"]);
  assertEquals(interfacesFinding(undefined, links("-lo", "eth0")).state, "note");
});
