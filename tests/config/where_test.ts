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
    () => configOf({ where: "tcp prot 22" }, { where: "state time_wait" }),
    ConfigError,
  );
  assertEquals(error.problems.map(({ key }) => key), ["filter.where", "output.pcap.where"]);
  assertStringIncludes(error.message, '"port"?\n  tcp prot 22\n      ^^^^\n');
  assertStringIncludes(error.message, '"state time_wait" is about flows');
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

Deno.test("an expression has words of the kinds of record that its sources make", () => {
  const flows = { type: "conntrack" };
  const packets = { type: "nflog", group: 1 };
  const check = (source: unknown[], where: string, of: "filter" | "json" | "source") =>
    checkConfig({
      source: source.map((one) => ({ ...one as object, ...of === "source" && { where } })),
      ...of === "filter" && { filter: { where } },
      output: { json: { path: "a", ...of === "json" && { where } }, pcap: { path: "b" } },
    }, "t.toml");
  for (const place of ["filter", "json"] as const) {
    check([flows, packets], "snat or prefix drop", place);
    check([flows], "snat", place);
    check([packets], "prefix drop", place);
    assertThrows(
      () => check([flows], "prefix drop", place),
      ConfigError,
      "is about single packets",
    );
    assertThrows(() => check([packets], "snat", place), ConfigError, '"snat" is about flows');
  }
  check([flows], "snat", "source");
  assertThrows(() => check([flows], "in eth0", "source"), ConfigError, "source[0].where: ");
  const { problems } = assertThrows(
    () =>
      checkConfig({
        source: [flows, packets],
        output: { json: { path: "a" }, pcap: { path: "b", where: "snat" } },
      }, "t.toml"),
    ConfigError,
  );
  assertEquals(problems.map(({ key }) => key), ["output.pcap.where"]);
});

Deno.test("an expression is refused where there are counters alone", () => {
  const counters = { type: "accounting" };
  const packets = { type: "nflog", group: 1 };
  const check = (source: unknown[], where: Record<string, unknown>, output = {}) =>
    checkConfig({
      source,
      ...where.filter !== undefined && { filter: { where: where.filter } },
      output: {
        json: { path: "a", ...where.json !== undefined && { where: where.json } },
        ...output,
      },
    }, "t.toml");
  check([counters, packets], { filter: "tcp", json: "udp" });
  const message = "where: has no record to choose from: expressions do not choose counters";
  assertThrows(() => check([counters], { filter: "tcp" }), ConfigError, `filter.${message}`);
  assertThrows(() => check([counters], { json: "tcp" }), ConfigError, `output.json.${message}`);
  const graphite = { graphite: { url: "tcp://127.0.0.1", where: "tcp" } };
  assertThrows(
    () => check([counters, packets], {}, graphite),
    ConfigError,
    `output.graphite.${message}`,
  );
});
