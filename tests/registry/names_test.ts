import { assertEquals } from "@std/assert";
import { outputs } from "../../src/output/outputs.ts";
import { sources } from "../../src/source/sources.ts";

/** Folders in which a type of source or output is named by its own definition only. */
const FOLDERS = ["src", "scripts", "packaging"];

/** Files that name types nevertheless, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "src/source/sources.ts": "the registry of sources",
  "src/source/decoders.ts": "the registry of their pure halves",
  "src/output/outputs.ts": "the registry of outputs",
  "src/output/encoders.ts": "the registry of their pure halves",
  "src/capture.ts": "the public module of capture(), which reads NFLOG",
  "src/conntrack.ts": "the public module of conntrack()",
  "src/accounting.ts": "the public module of accounting()",
  "src/sandbox/library.ts": "names of public functions",
  "src/web/page/drawer/ways.tsx": "the format of downloads",
  "src/cli/watch/config.ts": "an option of the command",
  "src/fixtures/packets_from.ts": "the public function that reads capture files for tests",
  "src/fixtures/filter_context.ts": "the public function whose default names two outputs",
  "src/filter/expression/services.ts": "names of ports",
  "src/web/page/records/download.tsx": "the format of downloads",
  "src/web/document/page.js": "the same in the page that is served",
  "src/web/server/download/captures.ts": "the format of downloads",
  "src/web/server/download/download.ts": "the format of downloads",
  "src/import/log_target.ts": "names of ebtables' watchers",
  "src/import/rule_options.ts": "names of ebtables' watchers",
  "src/import/shards.ts": "a comment that says how to read the groups",
  "src/output/logemu/file.ts": "a format of times",
  "src/output/logemu/options.ts": "a format of times",
  "src/output/lines/head.ts": "a format of times",
  "src/config/log.ts": "a key of nfscribe's own log",
  "src/import/ulogd/log.ts": "where ulogd's own messages go",
  "src/import/ulogd/stacks.ts": "the name of ulogd's own instance",
  "src/source/ulog/examine.ts": "advice to use NFLOG",
  "src/source/ulog/import.ts": "advice to use NFLOG",
  "src/source/ulog/reader.ts": "advice to use NFLOG",
  "src/output/table/views.ts": "the name of ulogd's table",
  "src/output/messages/outgoing.ts": "a link type",
  "src/output/nats/encoder.ts": "a link type",
  "src/output/pcap/encoder.ts": "a link type",
  "src/output/pcap/file.ts": "a link type",
  "src/output/pcap/options.ts": "a link type",
  "src/output/pcap/pcapng_encoder.ts": "a link type",
  "src/pcap/link/framing.ts": "a link type",
  "src/output/mysql/import.ts": "the name of ulogd's table",
  "src/output/sqlite/import.ts": "the name of ulogd's table",
  "packaging/grafana/mysql.json": "the name of Grafana's data source",
  "packaging/grafana/postgres.json": "the name of Grafana's data source",
  "packaging/grafana/prometheus.json": "the name of Grafana's data source",
  "packaging/nfscribe.toml": "the configuration that a package installs",
  "scripts/man/config_page.ts": "an example of a configuration",
  "scripts/man/command_page.ts": "examples of command lines",
  "scripts/demo": "a demonstration",
  "scripts/screens": "examples, whose output is recorded",
  "packaging/fleet/kubernetes/centre.yaml": "a configuration to start from",
  "packaging/fleet/kubernetes/sender.yaml": "a configuration to start from",
  "src/cli/help/help.ts": "examples of command lines",
  "src/cli/try/in_namespace.sh": "a demonstration",
};
/** Types that are words of other things, too, by which only paths of modules tell them. */
const WORDS: readonly string[] = ["json"];
/** Generated pages, and descriptions of commands, which end with examples of command lines. */
const EXAMPLES = /^packaging\/man\/|^src\/cli\/\w+\/command\.ts$/;

/** Yields the text files below a folder, from the project's root. */
function* files(folder: string): Generator<string> {
  for (
    const { name, isDirectory } of Deno.readDirSync(new URL(`../../${folder}`, import.meta.url))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path);
    else yield path;
  }
}

/** Returns a module's own types: those whose folder it lies in, or what source and output share. */
function ownTypes(path: string): string[] {
  const [, type] = /^src\/(?:(?:source|output)\/)?(\w+)\//.exec(path) ?? [];
  return type === undefined ? [] : [type];
}

/** Removes the comments of code. */
function withoutComments(path: string, text: string): string {
  return path.endsWith(".ts")
    ? text.replaceAll(/\/\*\*.*?\*\/|^\s*\/\/[^\n]*/gs, "")
    : text.replaceAll(/^\s*#[^\n]*/gm, "");
}

/** Finds what names a type: quotes, a path of imports, a flag, a key. */
function namesOf(type: string): RegExp {
  const paths = `(?:output|source)/${type}/|"\\./${type}/`;
  if (WORDS.includes(type)) return new RegExp(`${paths}|[[ ]output\\.${type}\\b`, "m");
  const key = `(?:^|[{,])\\s*${type}:\\s`;
  return new RegExp(`["'\`]${type}["'\`]|${paths}|--${type}(?![\\w-])|${key}`, "m");
}

Deno.test("No source or output is named outside of its folder", () => {
  const types = [...new Set([...Object.keys(sources), ...Object.keys(outputs)])];
  const named: string[] = [];
  const used = new Set<string>();
  for (const path of FOLDERS.flatMap((folder) => [...files(folder)])) {
    if (EXAMPLES.test(path)) continue;
    const text = withoutComments(
      path,
      Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url)),
    );
    for (const type of types.filter((type) => !ownTypes(path).includes(type))) {
      const [found] = namesOf(type).exec(text) ?? [];
      if (found === undefined) continue;
      if (Object.hasOwn(EXCEPTIONS, path)) used.add(path);
      else named.push(`${path}: ${found}`);
    }
  }
  assertEquals(named, []);
  assertEquals(Object.keys(EXCEPTIONS).filter((path) => !used.has(path)), [], "needs no exception");
});
