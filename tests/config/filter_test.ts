import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/toml/parse";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import type { FilterOptions } from "../../src/filter/options.ts";

const REST = `
[[source]]
type = "nflog"
group = 1
[output.pcap]
path = "trace.pcap"
`;

function check(toml: string): FilterOptions | undefined {
  return checkConfig(parse(REST + toml), "nfscribe.toml").filter;
}

function problemsOf(toml: string): string[] {
  const error = assertThrows(() => check(toml), ConfigError);
  return error.problems.map(({ key, message }) => `${key}: ${message}`);
}

Deno.test("A filter needs a script; the rest has its defaults, and it is granted nothing", () => {
  assertEquals(check('[filter]\nscript = "filter.ts"'), {
    script: "filter.ts",
    workers: 1,
    timeoutMs: 2000,
    onError: "pass",
    memoryMb: 128,
    unsealed: false,
    permissions: {},
  });
});

Deno.test("Every key of a filter reaches its option", () => {
  const toml = `
    [filter]
    script = "filter.ts"
    workers = 64
    timeout_ms = 10
    on_error = "drop"
    memory_mb = 16
    [filter.permissions]
    net = ["127.0.0.1:6379"]
    read = ["data/", "x"]
    write = true
    env = ["HOME"]
    sys = ["hostname"]`;
  assertEquals(check(toml), {
    script: "filter.ts",
    workers: 64,
    timeoutMs: 10,
    onError: "drop",
    memoryMb: 16,
    unsealed: false,
    permissions: {
      net: ["127.0.0.1:6379"],
      read: ["data/", "x"],
      write: true,
      env: ["HOME"],
      sys: ["hostname"],
    },
  });
});

Deno.test("A filter without a script, or as a list, is refused with the form to write", () => {
  assertEquals(problemsOf("[filter]"), [
    'filter.script: is missing; name a script, or write an expression, as in where = "tcp port 22"',
  ]);
  assertEquals(problemsOf('[[filter]]\nscript = "x"'), ["filter: must be a table: write [filter]"]);
});

Deno.test("A filter's values are held to their bounds, all at once", () => {
  assertEquals(
    problemsOf(`
      [filter]
      script = ""
      workers = 65
      timeout_ms = 9
      on_error = "stop"
      memory_mb = 65537
      permission = 1
      permissions = 5`),
    [
      'filter.script: must be a file\'s path, not ""',
      "filter.workers: must be a whole number from 1 to 64, not 65",
      "filter.timeout_ms: must be a whole number from 10 to 3600000, not 9",
      'filter.on_error: must be "pass" or "drop", not "stop"',
      "filter.memory_mb: must be a whole number from 16 to 65536, not 65537",
      "filter.permissions: must be a table, not 5",
      'filter.permission: unknown key; did you mean "permissions"?',
    ],
  );
});

Deno.test("A permission is true or a list; an empty list, which could be read as all, is neither", () => {
  const granted = (line: string) => `[filter]\nscript = "x"\n[filter.permissions]\n${line}`;
  for (const [value, shown] of [["false", "false"], ["[]", "[]"], ['["x", 1]', '["x", 1]']]) {
    assertEquals(problemsOf(granted(`read = ${value}`)), [
      `filter.permissions.read: must be true or a list of paths, not ${shown}`,
    ]);
  }
  assertEquals(problemsOf(granted('nett = ["x"]')), [
    'filter.permissions.nett: unknown key; did you mean "net"?',
  ]);
});

Deno.test("What would give a script every right cannot be granted, and is said why", () => {
  const toml = `
    [filter]
    script = "x"
    [filter.permissions]
    ffi = true
    run = ["sh"]
    import = ["example.org"]`;
  assertEquals(problemsOf(toml), [
    "filter.permissions.ffi: cannot be granted: a library that a script calls may do whatever nfscribe may",
    "filter.permissions.run: cannot be granted: no permission binds a program that a script starts",
    "filter.permissions.import: cannot be granted: it would load code from elsewhere; " +
    "put what the script needs beside it",
  ]);
});
