import { assertEquals, assertThrows } from "@std/assert";
import { checkConfig } from "../../src/config/config.ts";
import { ConfigError } from "../../src/errors.ts";
import { liesIn, normalPath } from "../../src/text/path.ts";
import { flagsOf } from "../../src/daemon/permissions.ts";

/** Changes one value of a configuration that has every kind of path. */
function configWith(change: (value: ReturnType<typeof whole>) => void) {
  const value = whole();
  change(value);
  return checkConfig(value, "nfscribe.toml");
}

function whole() {
  return {
    source: [{ type: "pcap", path: ["in.pcap"] as string | string[] }],
    filter: {
      script: "filter.ts",
      permissions: { read: ["list"], write: ["seen"], net: ["127.0.0.1:1"], env: ["A"] },
    },
    output: {
      pcap: { path: "out.pcap", spool: "spool" },
      postgres: { url: "postgres://u@h/d", spool: "rows" },
    },
    log: { file: "log" },
    stats: { socket: "stats.sock" },
  };
}

/** A line that a launcher which reads lines takes for a flag. */
const FLAG = "x\n--preload=/dev/shm/x.ts";

const PLACES: readonly [key: string, put: (value: ReturnType<typeof whole>) => void][] = [
  ["source[0].path", (value) => value.source[0]!.path = FLAG],
  ["source[0].path", (value) => value.source[0]!.path = ["in.pcap", FLAG]],
  ["filter.script", (value) => value.filter.script = FLAG],
  ["filter.permissions.read", (value) => value.filter.permissions.read = [FLAG]],
  ["filter.permissions.write", (value) => value.filter.permissions.write = [FLAG]],
  ["filter.permissions.net", (value) => value.filter.permissions.net = [FLAG]],
  ["filter.permissions.env", (value) => value.filter.permissions.env = [FLAG]],
  ["output.pcap.path", (value) => value.output.pcap.path = FLAG],
  ["output.pcap.spool", (value) => value.output.pcap.spool = FLAG],
  ["log.file", (value) => value.log.file = FLAG],
  ["stats.socket", (value) => value.stats.socket = FLAG],
];

for (const [key, put] of PLACES) {
  Deno.test(`${key} must have no control characters`, () => {
    const { problems } = assertThrows(() => configWith(put), ConfigError);
    assertEquals(problems.map((problem) => problem.key), [key]);
    const said = problems[0]!.message;
    assertEquals(
      said.split(", not ")[0],
      "must have no control characters, such as the end of a line",
    );
  });
}

Deno.test("paths of a configuration are in their shortest form, which Deno compares rights with", () => {
  const { sources, filter, outputs, log, stats } = configWith((value) => {
    value.source[0]!.path = ["a/../in.pcap", "-"];
    value.filter.script = "/etc/nfscribe/f/../filter.ts";
    value.filter.permissions.read = ["./lists//ours/"];
    value.output.pcap.path = "/etc/nfscribe/../../var/log/./out.pcap";
    value.output.pcap.spool = "../spool/.";
    value.log.file = "./-";
    value.stats.socket = "/run//nfscribe.sock";
  });
  assertEquals(sources[0]!.options.path, ["in.pcap", "-"]);
  assertEquals([filter!.script, filter!.permissions.read], ["/etc/nfscribe/filter.ts", [
    "lists/ours/",
  ]]);
  const { path, spool } = outputs[0]!.options;
  assertEquals([path, spool], ["/var/log/out.pcap", "../spool/"]);
  assertEquals([log.file, stats.socket], ["./-", "/run/nfscribe.sock"]);
});

Deno.test("a right to a folder holds what lies in it, and not what a step up leads out of it", () => {
  const read = (...values: string[]) =>
    flagsOf(values.map((value) => ({ name: "read", value, why: "" })));
  assertEquals(read("/etc/f/", "/etc/f/../out.pcap"), ["--allow-read=/etc/f/,/etc/f/../out.pcap"]);
  assertEquals(read("/etc/f/", "/etc/f/a/../out.pcap"), ["--allow-read=/etc/f/"]);
  assertEquals(read("../", "../../x", "../y"), ["--allow-read=../,../../x"]);
  assertEquals(read("./", "x", "../y", "/z"), ["--allow-read=./,../y,/z"]);
  assertEquals(read("/etc/f", "/etc/fg"), ["--allow-read=/etc/f,/etc/fg"]);
});

Deno.test("no flag is made of a name with control characters, wherever it comes from", () => {
  const error = assertThrows(
    () => flagsOf([{ name: "read", value: FLAG, why: "a variable says so" }]),
    ConfigError,
  );
  assertEquals(
    error.message,
    "x\\u000a--preload=/dev/shm/x.ts: must have no control characters, such as the end of a line",
  );
});

const NORMAL: readonly [path: string, normal: string][] = [
  ["", ""],
  [".", "./"],
  ["/", "/"],
  ["/..", "/"],
  ["/../..", "/"],
  ["..", "../"],
  ["../", "../"],
  ["a/..", "./"],
  ["a/../..", "../"],
  ["../../a/../b", "../../b"],
  ["a.", "a."],
  ["a..", "a.."],
  ["...", "..."],
  ["//a//b//", "/a/b/"],
  ["-", "-"],
  ["./-", "./-"],
  ["a/../-", "./-"],
];

Deno.test("normalPath() takes out the steps that lead nowhere", () => {
  for (const [path, normal] of NORMAL) {
    assertEquals(normalPath(path), normal, path);
    assertEquals(normalPath(normal), normal, normal);
  }
});

Deno.test("liesIn() compares whole steps", () => {
  assertEquals(liesIn("/a/b", "/a/"), true);
  assertEquals(liesIn("/a/", "/a/"), false);
  assertEquals(liesIn("/ab", "/a/"), false);
  assertEquals(liesIn("/a/b", "/a"), false);
  assertEquals(liesIn("/a/../b", "/a/"), false);
  assertEquals(liesIn("..", "./"), false);
});
