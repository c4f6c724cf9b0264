import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

const OUTPUT = `[output.pcap]\npath = "x.pcap"\n`;
const sources = (toml: string) => checkConfig(parse(toml + OUTPUT), "test").sources;

function problems(toml: string): string[] {
  const error = assertThrows(() => sources(toml), ConfigError);
  return error.problems.map(({ key, message }) => `${key}: ${message}`);
}

Deno.test("groups stands for a source for each, named after it", () => {
  const parts = sources(`[[source]]\ntype = "nflog"\ngroups = [1, 2]\ncopy_range = 96\n`);
  assertEquals(parts.map(({ name }) => name), ["nflog:1", "nflog:2"]);
  assertEquals(parts.map(({ options }) => [options.group, options.copyRange]), [[1, 96], [2, 96]]);
  const named = sources(
    `[[source]]\ntype = "nflog"\nname = "web"\ngroups = [7, 8]\noutputs = ["pcap"]\n`,
  );
  assertEquals(named.map(({ name, outputs }) => [name, outputs]), [
    ["web:7", ["pcap"]],
    ["web:8", ["pcap"]],
  ]);
});

Deno.test("groups are different numbers, and not beside group", () => {
  assertEquals(problems(`[[source]]\ntype = "nflog"\ngroups = [1, 1]\n`), [
    "source[0].groups: must be a list of different whole numbers from 0 to 65535, not [1, 1]",
  ]);
  assertEquals(problems(`[[source]]\ntype = "nflog"\ngroup = 1\ngroups = [2]\n`), [
    "source[0].group: stands beside groups; leave one of them out",
  ]);
  assertEquals(
    problems(
      `[[source]]\ntype = "nflog"\ngroup = 2\n[[source]]\ntype = "nflog"\ngroups = [1, 2]\n`,
    ),
    ['source[1].groups: 2 is the group of source "nflog:2" already'],
  );
});

Deno.test("one group in two network namespaces is two sources", () => {
  const parts = sources(
    `[[source]]\ntype = "nflog"\ngroup = 1\n[[source]]\ntype = "nflog"\ngroup = 1\nnetns = "/run/netns/blue"\n` +
      `[[source]]\ntype = "nflog"\ngroup = 1\nnetns = 4711\n`,
  );
  assertEquals(parts.map(({ name }) => name), ["nflog:1", "nflog:1@blue", "nflog:1@4711"]);
  assertEquals(parts.map(({ options }) => options.netns), [undefined, "/run/netns/blue", 4711]);
});

Deno.test("a source of flows is named after its network namespace, of which each has one", () => {
  const flows = (toml: string) =>
    checkConfig(parse(`${toml}[output.json]\npath = "x.json"\n`), "test").sources;
  const source = `[[source]]\ntype = "conntrack"\n`;
  const parts = flows(`${source}${source}netns = "/run/netns/blue"\nevents = ["new"]\n`);
  assertEquals(parts.map(({ name, options }) => [name, options.events]), [
    ["conntrack", ["destroy"]],
    ["conntrack@blue", ["new"]],
  ]);
  const refused = (toml: string) =>
    assertThrows(() => flows(toml), ConfigError).problems.map(({ message }) => message);
  assertEquals(refused(source + source), [
    'only one conntrack source may read each network namespace, and "conntrack" reads this one',
  ]);
  assertEquals(refused(`${source}events = []\n`), [
    'must be a list of "new", "update", "destroy", not []',
  ]);
});
