import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";

/** The least that a configuration must say. */
const LEAST = `
[[source]]
type = "nflog"
group = 1
[output.pcap]
path = "trace.pcap"
`;

function check(toml: string) {
  return checkConfig(parse(toml), "nfscribe.toml");
}

/** Everything that is wrong, as `key: message`. */
function problemsOf(toml: string): string[] {
  const error = assertThrows(() => check(toml), ConfigError);
  assertEquals(error.file, "nfscribe.toml");
  return error.problems.map(({ key, message }) => `${key}: ${message}`);
}

/** What is wrong with something beside the least. */
const problemsWith = (toml: string) => problemsOf(LEAST + toml);

Deno.test("A configuration needs a group and a path; the rest has its defaults", () => {
  assertEquals(check(LEAST), {
    sources: [{
      name: "nflog:1",
      type: "nflog",
      options: {
        group: 1,
        copyRange: 0,
        bufferSize: 8_388_608,
        queueThreshold: 512,
        queueTimeoutMs: 100,
      },
    }],
    filter: undefined,
    outputs: [{ name: "pcap", type: "pcap", options: { path: "trace.pcap", sync: true } }],
    log: { file: "-", level: "info", format: "text" },
  });
});

Deno.test("Every key of a configuration reaches its option", () => {
  const { sources, outputs, log } = check(`
    [[source]]
    name = "firewall"
    type = "nflog"
    group = 7
    copy_range = 100
    buffer_size = 65536
    queue_threshold = 64
    queue_timeout_ms = 250
    [output.web]
    type = "pcap"
    path = "-"
    sync = false
    [log]
    file = "nfscribe.log"
    level = "debug"
    format = "json"`);
  assertEquals(sources, [{
    name: "firewall",
    type: "nflog",
    options: {
      group: 7,
      copyRange: 100,
      bufferSize: 65536,
      queueThreshold: 64,
      queueTimeoutMs: 250,
    },
  }]);
  assertEquals(outputs, [{ name: "web", type: "pcap", options: { path: "-", sync: false } }]);
  assertEquals(log, { file: "nfscribe.log", level: "debug", format: "json" });
});

Deno.test("Several sources and outputs keep their order", () => {
  const { sources, outputs } = check(`${LEAST}
    [output.second]
    type = "pcap"
    path = "b"
    [[source]]
    type = "nflog"
    group = 0`);
  assertEquals(sources.map(({ name }) => name), ["nflog:1", "nflog:0"]);
  assertEquals(outputs.map(({ name }) => name), ["pcap", "second"]);
});

Deno.test("An empty configuration lacks a source and an output, and is told what to add", () => {
  assertEquals(problemsOf(""), [
    'source: is missing; add [[source]] with type = "nflog" and the rule\'s group',
    "output: is missing; add [output.pcap] with a path",
  ]);
});

Deno.test("All errors are reported at once, each with its key", () => {
  assertEquals(
    problemsOf(`
      [[source]]
      type = "nflog"
      group = 65536
      copy_range = -1
      [[source]]
      type = "nflgo"
      [[source]]
      group = 1
      [output.pcap]
      pth = "x"
      [output.csv]
      path = "y"
      [lgo]
      level = "info"
      [log]
      level = "loud"`).toSorted(),
    [
      'lgo: unknown key; did you mean "log"?',
      'log.level: must be "debug" or "info" or "warn" or "error", not "loud"',
      'output.csv.type: there is no type "csv"; there is "pcap", "logemu"',
      "output.pcap.path: is missing",
      'output.pcap.pth: unknown key; did you mean "path"?',
      "source[0].copy_range: must be a whole number from 0 to 65531, not -1",
      "source[0].group: must be a whole number from 0 to 65535, not 65536",
      'source[1].type: there is no type "nflgo"; did you mean "nflog"?',
      'source[2].type: is missing; there is "nflog"',
    ],
  );
});

Deno.test("The message of the error has the file and the key in each line", () => {
  const error = assertThrows(() => check(""), ConfigError);
  const lines = error.message.split("\n");
  assertEquals(lines.map((line) => line.slice(0, 22)), [
    "nfscribe.toml: source:",
    "nfscribe.toml: output:",
  ]);
});

Deno.test("A key in a program's spelling is told the file's", () => {
  assertEquals(
    problemsOf(LEAST.replace("group = 1", "group = 1\nqueueTimeoutMs = 10")),
    ['source[0].queueTimeoutMs: unknown key; did you mean "queue_timeout_ms"?'],
  );
});

Deno.test("Several unknown keys of one table are all named", () => {
  assertEquals(
    problemsOf(LEAST.replace("group = 1", "group = 1\ncopy_rage = 1\nbufer_size = 1")).toSorted(),
    [
      'source[0].bufer_size: unknown key; did you mean "buffer_size"?',
      'source[0].copy_rage: unknown key; did you mean "copy_range"?',
    ],
  );
});

Deno.test("Two sources cannot have the same group", () => {
  const second = '[[source]]\nname = "other"\ntype = "nflog"\ngroup = 1';
  assertEquals(problemsWith(second), [
    'source[1].group: 1 is the group of source "nflog:1" already',
  ]);
});

Deno.test("Two sources cannot have the same group, whatever else is wrong with one of them", () => {
  assertEquals(problemsWith('[[source]]\ntype = "nflog"\ngroup = 1\ncopy_range = -1').toSorted(), [
    "source[1].copy_range: must be a whole number from 0 to 65531, not -1",
    'source[1].group: 1 is the group of source "nflog:1" already',
  ]);
});

Deno.test("Two sources without a usable group are not said to have the same one", () => {
  assertEquals(problemsWith('[[source]]\ntype = "nflog"\n[[source]]\ntype = "nflog"'), [
    "source[1].group: is missing",
    "source[2].group: is missing",
  ]);
});

Deno.test("Two sources cannot have the same name, given or not", () => {
  const second = '[[source]]\nname = "nflog:1"\ntype = "nflog"\ngroup = 2';
  assertEquals(problemsWith(second), ['source[1].name: "nflog:1" is another source\'s name']);
});

Deno.test("A source that is written as one table is told how to write it", () => {
  assertEquals(problemsOf('[source]\ntype = "nflog"\n[output.pcap]\npath = "x"'), [
    "source: must be a list of tables: write [[source]]",
  ]);
});

Deno.test("Outputs that are no tables are told how to write them", () => {
  const source = '[[source]]\ntype = "nflog"\ngroup = 1\n';
  assertEquals(problemsOf(`output = "x"\n${source}`), [
    "output: must hold tables: write [output.pcap]",
  ]);
  assertEquals(problemsOf(`${source}[[output]]\npath = "x"`), [
    "output: must hold tables: write [output.pcap]",
  ]);
  assertEquals(problemsOf(`${source}[output]\npcap = "x"`), ["output.pcap: must be a table"]);
});

Deno.test("A list of anything but tables is refused", () => {
  assertEquals(problemsOf('source = ["x", 1]\n[output.pcap]\npath = "x"'), [
    "source[0]: must be a table",
    "source[1]: must be a table",
  ]);
});

Deno.test("A log that is no table is refused", () => {
  assertEquals(problemsOf(`log = "x"\n${LEAST}`), ["log: must be a table"]);
  assertEquals(problemsOf(`log = []\n${LEAST}`), ["log: must be a table"]);
});

Deno.test("A type that is no text is refused", () => {
  assertEquals(problemsOf('[[source]]\ntype = 5\n[output.pcap]\npath = "x"'), [
    'source[0].type: there is no type 5; there is "nflog"',
  ]);
});
