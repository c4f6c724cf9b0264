import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/toml/parse";
import { Ajv } from "ajv";
import committed from "../../schema/nfscribe.schema.json" with { type: "json" };
import { configJsonSchema } from "../../scripts/json_schema.ts";
import { checkConfig } from "../../src/config/config.ts";

const accepts = new Ajv({ strict: true }).compile(configJsonSchema());

/** Returns whether the check of a configuration accepts it. */
function isRight(value: Record<string, unknown>): boolean {
  try {
    checkConfig(value, "nfscribe.toml");
    return true;
  } catch {
    return false;
  }
}

const SOURCE = '[[source]]\ntype = "nflog"\ngroup = 1\n';
const LEAST = `${SOURCE}[output.pcap]\npath = "x"\n`;
const FILTER = `${LEAST}[filter]\nscript = "filter.ts"\n`;

const RIGHT: readonly string[] = [
  LEAST,
  FILTER,
  `${LEAST}[log]\nlevel = "debug"\nformat = "json"\nfile = "y"`,
  `${LEAST}[output.web]\ntype = "pcap"\npath = "y"\nsync = false`,
  `${SOURCE}[output.pcap]\ntype = "logemu"\npath = "x"\ndialect = "kernel"`,
  `${SOURCE}[output.logemu]\npath = "x"\ntime_format = "rfc3339"\nhostname = "gate"`,
  `${SOURCE}outputs = ["pcap"]\nname = "a"\nqueue_timeout_ms = 30\n[output.pcap]\npath = "x"`,
  `${FILTER}workers = 2\ntimeout_ms = 10\non_error = "drop"\nmemory_mb = 64`,
  `${LEAST}[filter]\nwhere = "tcp port 22"`,
  `${LEAST}where = "udp"`,
  `${FILTER}[filter.permissions]\nnet = true\nread = ["a"]\nenv = ["A"]`,
];

const WRONG: readonly string[] = [
  "",
  SOURCE,
  '[output.pcap]\npath = "x"',
  `source = []\n[output.pcap]\npath = "x"`,
  `${SOURCE}[output]`,
  LEAST.replace("nflog", "nflgo"),
  LEAST.replace("group = 1", ""),
  LEAST.replace("group = 1", "group = 65536"),
  LEAST.replace("group = 1", "group = 1.5"),
  LEAST.replace("group = 1", 'group = "1"'),
  LEAST.replace("group = 1", "group = 1\ncopyRange = 1"),
  LEAST.replace("group = 1", "group = 1\nqueue_timeout_ms = 15"),
  LEAST.replace("group = 1", 'group = 1\nname = ""'),
  LEAST.replace("group = 1", "group = 1\noutputs = []"),
  LEAST.replace("[[source]]", "[source]"),
  LEAST.replace("path", "pth"),
  LEAST.replace('"x"', '""'),
  `${SOURCE}[output.pcap]\npath = "x"\ndialect = "kernel"`,
  `${LEAST}[output.web]\npath = "y"`,
  `${LEAST}[output.web]\ntype = "csv"\npath = "y"`,
  `${LEAST}[lgo]`,
  `${LEAST}[log]\nlevel = "loud"`,
  `${LEAST}[filter]`,
  `${FILTER}workers = 0`,
  `${FILTER}[filter.permissions]\nffi = true`,
  `${FILTER}[filter.permissions]\nnet = false`,
  `${FILTER}[filter.permissions]\nread = []`,
];

/** Configurations whose parts contradict each other, which a schema cannot see. */
const BEYOND: readonly string[] = [
  `${LEAST}${SOURCE}`,
  `${LEAST}[output.web]\ntype = "pcap"\npath = "x"`,
  LEAST.replace("group = 1", 'group = 1\noutputs = ["csv"]'),
  FILTER.replace("group = 1", 'group = 1\noutputs = ["pcap"]'),
];

Deno.test("The JSON Schema in the repository is the one that `deno task schema` writes", () => {
  assertEquals<unknown>(committed, configJsonSchema());
});

Deno.test("The JSON Schema accepts and refuses what the check of a configuration does", () => {
  for (const [samples, right] of [[RIGHT, true], [WRONG, false]] as const) {
    for (const toml of samples) {
      assertEquals([accepts(parse(toml)), isRight(parse(toml))], [right, right], toml);
    }
  }
});

Deno.test("What the JSON Schema cannot say, the check of a configuration still refuses", () => {
  for (const toml of BEYOND) {
    assertEquals([accepts(parse(toml)), isRight(parse(toml))], [true, false], toml);
  }
});

Deno.test("The JSON Schema allows 30 outputs and no more", () => {
  const outputs = (count: number) =>
    Array.from({ length: count }, (_, n) => `[output.o${n}]\ntype = "pcap"\npath = "${n}"\n`);
  assert(accepts(parse(SOURCE + outputs(30).join(""))));
  assert(!accepts(parse(SOURCE + outputs(31).join(""))));
});

Deno.test("The JSON Schema describes every option and has its default", () => {
  const { definitions } = configJsonSchema() as {
    definitions: Record<string, { properties?: Record<string, Record<string, unknown>> }>;
  };
  for (const [place, { properties = {} }] of Object.entries(definitions)) {
    for (const [name, { description }] of Object.entries(properties)) {
      assertEquals(typeof description, "string", `${place}.${name}`);
    }
  }
  assertEquals(definitions["filter"]?.properties?.timeout_ms?.default, 2000);
  assertEquals(definitions["log"]?.properties?.file?.default, "-");
});
