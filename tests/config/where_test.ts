import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkConfig } from "../../src/config/config.ts";
import { changesOf } from "../../src/daemon/changes.ts";
import { ConfigError } from "../../src/errors.ts";

/** Returns a configuration with these tables. */
function configOf(filter: unknown, output: Record<string, unknown> = {}) {
  return checkConfig({
    source: [{ type: "nflog", group: 1, outputs: ["pcap"] }],
    ...filter !== undefined && { filter },
    output: { pcap: { path: "a.pcap", ...output } },
  }, "t.toml");
}

Deno.test("an expression needs no script, and sources keep their outputs beside it", () => {
  const config = configOf({ where: "tcp port 22" });
  assertEquals([config.filter?.where, config.filter?.script], ["tcp port 22", undefined]);
  assertThrows(() => configOf({ where: "tcp", script: "f.ts" }), ConfigError, "beside the script");
  assertThrows(() => configOf({ workers: 2 }), ConfigError, "filter.script: is missing");
});

Deno.test("an output's expression is no option of its type", () => {
  const [output] = configOf(undefined, { where: "udp\nand port 53" }).outputs;
  assertEquals(output!.where, "udp\nand port 53");
  assertEquals(Object.hasOwn(output!.options, "where"), false);
});

Deno.test("wrong expressions are named with their place", () => {
  const error = assertThrows(
    () => configOf({ where: "tcp prot 22" }, { where: "state new" }),
    ConfigError,
  );
  assertEquals(error.problems.map(({ key }) => key), ["filter.where", "output.pcap.where"]);
  assertStringIncludes(error.message, '"port"?\n  tcp prot 22\n      ^^^^\n');
  assertStringIncludes(error.message, '"state new" is about flows');
  for (const where of [5, "", ["tcp"]]) {
    assertThrows(() => configOf({ where }), ConfigError, "filter.where: must be an expression");
  }
});

Deno.test("a changed expression replaces sandboxes, and outputs stay open", () => {
  const old = configOf({ where: "tcp" }, { where: "udp" });
  const one = changesOf(old, configOf({ where: "udp" }, { where: "udp" }));
  const other = changesOf(old, configOf({ where: "tcp" }, { where: "tcp" }));
  for (const { filter, keptOutputs, keptSources } of [one, other]) {
    assertEquals([filter, keptOutputs.has("pcap"), keptSources.size], [true, true, 1]);
  }
  assertEquals(changesOf(old, configOf({ where: "tcp" }, { where: "udp" })).filter, false);
});
