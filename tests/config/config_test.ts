import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { outputs } from "../../src/output/outputs.ts";

/** All types of outputs, as messages list them. */
const OUTPUTS = Object.keys(outputs).map((type) => `"${type}"`).join(", ");

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

/** Returns everything that is wrong, as `key: message`. */
function problemsOf(toml: string): string[] {
  const error = assertThrows(() => check(toml), ConfigError);
  assertEquals(error.file, "nfscribe.toml");
  return error.problems.map(({ key, message }) => `${key}: ${message}`);
}

/** Returns the problems of the least configuration with something added. */
const problemsWith = (toml: string) => problemsOf(LEAST + toml);

/** Defaults of a configuration's only output. */
const PCAP_DEFAULTS = {
  compress: "none",
  mode: "0640",
  makeFolders: false,
  format: "pcap",
  linkType: "raw",
  whenBehind: "block",
  queueSize: 8_388_608,
  spoolLimit: 1_073_741_824,
};

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
    outputs: [{
      name: "pcap",
      type: "pcap",
      options: {
        path: "trace.pcap",
        sync: true,
        ...PCAP_DEFAULTS,
      },
    }],
    actions: {},
    log: { file: "-", level: "info", format: "text" },
    stats: {},
    stopTimeoutMs: 10_000,
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
  assertEquals(outputs, [{
    name: "web",
    type: "pcap",
    options: {
      path: "-",
      sync: false,
      ...PCAP_DEFAULTS,
    },
  }]);
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

Deno.test("The problems of an empty configuration say which source and output to add", () => {
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
      `output.csv.type: there is no type "csv"; there is ${OUTPUTS}`,
      "output.pcap.path: is missing",
      'output.pcap.pth: unknown key; did you mean "path"?',
      "source[0].copy_range: must be a whole number from 0 to 65531, not -1",
      "source[0].group: must be a whole number from 0 to 65535, not 65536",
      'source[1].type: there is no type "nflgo"; did you mean "nflog"?',
      'source[2].type: is missing; there is "nflog", "pcap", "ulog", "conntrack", "accounting", "nats"',
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

Deno.test("A key in a program's spelling is refused with the file's spelling", () => {
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

Deno.test("A source that is one table is refused with the form to write", () => {
  assertEquals(problemsOf('[source]\ntype = "nflog"\n[output.pcap]\npath = "x"'), [
    "source: must be a list of tables: write [[source]]",
  ]);
});

Deno.test("Outputs that are no tables are refused with the form to write", () => {
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
    'source[0].type: there is no type 5; there is "nflog", "pcap", "ulog", "conntrack", "accounting", "nats"',
  ]);
});

Deno.test("There may be 30 outputs and no more", () => {
  const source = '[[source]]\ntype = "nflog"\ngroup = 1\n';
  const outputs = (count: number) =>
    Array.from({ length: count }, (_, n) => `[output.o${n}]\ntype = "pcap"\npath = "${n}"\n`);
  assertEquals(check(source + outputs(30).join("")).outputs.length, 30);
  assertEquals(problemsOf(source + outputs(31).join("")), [
    "output: there may be at most 30 outputs, not 31",
  ]);
});

Deno.test("Two outputs cannot write the same file, however its path is written", () => {
  const second = (path: string) => `[output.second]\ntype = "pcap"\npath = "${path}"`;
  for (const path of ["trace.pcap", "./trace.pcap", ".//./trace.pcap", "a/../trace.pcap"]) {
    assertEquals(problemsWith(second(path)), [
      `output.second.path: "trace.pcap" is the path of output "pcap" already`,
    ]);
  }
  for (const path of ["/trace.pcap", "../trace.pcap", "a/trace.pcap", ".trace.pcap", "-"]) {
    assertEquals(check(LEAST + second(path)).outputs.length, 2, path);
  }
});

Deno.test("Two outputs cannot both be standard output", () => {
  const toml = LEAST.replace("trace.pcap", "-") + '[output.logemu]\npath = "-"';
  assertEquals(problemsOf(toml), [
    'output.logemu.path: "-" is the path of output "pcap" already',
  ]);
});

Deno.test("Outputs whose paths are missing are not said to have the same one", () => {
  assertEquals(problemsWith('[output.a]\ntype = "pcap"\n[output.b]\ntype = "pcap"'), [
    "output.a.path: is missing",
    "output.b.path: is missing",
  ]);
});

/** The least, with a line in its source. */
const withSource = (line: string) => LEAST.replace("group = 1", `group = 1\n${line}`);

Deno.test("A source may name the outputs that its packets go to", () => {
  const [source] = check(withSource('outputs = ["pcap"]')).sources;
  assertEquals(source?.outputs, ["pcap"]);
  assertEquals("outputs" in source!.options, false);
  assertEquals(Object.hasOwn(check(LEAST).sources[0]!, "outputs"), false);
});

Deno.test("A source's outputs must exist", () => {
  assertEquals(problemsOf(withSource('outputs = ["pcpa", "pcap", "zzz"]')), [
    'source[0].outputs: there is no output "pcpa"; did you mean "pcap"?',
    'source[0].outputs: there is no output "zzz"; there is "pcap"',
  ]);
});

Deno.test("An output with a problem of its own is there all the same", () => {
  assertEquals(problemsOf(withSource('outputs = ["pcap"]').replace("path", "pth")).toSorted(), [
    "output.pcap.path: is missing",
    'output.pcap.pth: unknown key; did you mean "path"?',
  ]);
});

Deno.test("A source's outputs are a list of names, at least one", () => {
  const wrong = (shown: string) =>
    `source[0].outputs: must be a list of names of outputs, as in ["pcap"], not ${shown}`;
  for (const [toml, shown] of [['"pcap"', '"pcap"'], ["[]", "[]"], ["[1]", "[1]"]] as const) {
    assertEquals(problemsOf(withSource(`outputs = ${toml}`)), [wrong(shown)]);
  }
});

Deno.test("A source cannot name outputs where a script decides", () => {
  const toml = `${withSource('outputs = ["pcap"]')}[filter]\nscript = "filter.ts"`;
  assertEquals(problemsOf(toml), [
    "source[0].outputs: cannot stand beside the script of [filter], which decides where packets " +
    "go; remove one of them",
  ]);
});

Deno.test("An output cannot write what a source reads, or the log", () => {
  const error = assertThrows(
    () =>
      checkConfig({
        source: [{ type: "pcap", path: "./trace.pcap" }],
        output: { pcap: { path: "trace.pcap" }, logemu: { path: "x.log" } },
        log: { file: "x.log" },
      }, "c.toml"),
    ConfigError,
  );
  assertEquals(error.problems, [
    {
      key: "output.pcap.path",
      message: '"trace.pcap" is what source "pcap:trace.pcap" reads',
    },
    { key: "output.logemu.path", message: '"x.log" is the log\'s file' },
  ]);
});
