/**
 * Reloads of `nfscribe run` with configurations that need rights which the process does not have.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileHeader } from "../source/pcap/sample.ts";
import { deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { startNfscribeExactly } from "./nfscribe.ts";

/** Right to the counters' socket, for `nfscribe stats`. */
const ask = (socket: string) => [
  `--allow-net=unix:${socket}`,
  `--allow-read=${socket}`,
  `--allow-write=${socket}`,
];

/** Flags that `nfscribe run --flags` prints: `scripts/nfscribe` starts with exactly these. */
async function leastRights(file: string): Promise<string[]> {
  const { code, stdout, stderr } = await run(
    deno(
      "--allow-read",
      "--allow-env",
      "--allow-ffi",
      `${ROOT}main.ts`,
      "run",
      "--flags",
      "-c",
      file,
    ),
  );
  if (code !== 0) throw new Error(stderr);
  return stdout.trim().split("\n");
}

/** Starts nfscribe with the least rights, and lets a test change its file. */
async function running(group: number, more = "") {
  const folder = await temporaryFolder();
  const { path } = folder;
  const file = `${path}/nfscribe.toml`;
  for (const name of ["in", "out", "other"]) await Deno.mkdir(`${path}/${name}`);
  await Deno.writeTextFile(`${path}/in/filter.ts`, "export default () => true;\n");
  await Deno.writeTextFile(`${path}/other/filter.ts`, "export default () => false;\n");
  await Deno.writeFile(`${path}/other/x.pcap`, fileHeader());
  const base = `[[source]]\ntype = "nflog"\ngroup = ${group}\n[stats]\nsocket = "s"\n` +
    `[log]\nformat = "json"\n[output.pcap]\nrotate_size = 1_000_000\npath = "out/a.pcap"\n`;
  const first = `${base}[filter]\nscript = "in/filter.ts"\n${more}`;
  await Deno.writeTextFile(file, first);
  const nfscribe = await startNfscribeExactly(await leastRights(file), "-c", file);
  const check = (...options: string[]) =>
    run(
      deno(
        "--allow-read",
        "--allow-env",
        "--allow-ffi",
        "--allow-sys=hostname",
        `${ROOT}main.ts`,
        "check",
        ...options,
        "-c",
        file,
      ),
    );
  return {
    path,
    base,
    first,
    file,
    nfscribe,
    check,
    /** Writes a configuration, reloads it, and returns the messages since. */
    async reload(text: string): Promise<string[]> {
      await Deno.writeTextFile(file, text);
      const before = messages(nfscribe.said).length;
      nfscribe.kill("SIGHUP");
      const said = () => messages(nfscribe.said).slice(before);
      await until("it is over", () => said().some((text) => /configuration was/.test(text)));
      return said();
    },
    async stats(): Promise<{ refusal?: string; outputs: Record<string, unknown> }> {
      const socket = `${path}/s`;
      const { stdout, stderr } = await run(
        deno(...ask(socket), `${ROOT}main.ts`, "stats", "--json", "--socket", socket),
      );
      assertEquals(stderr, "");
      return JSON.parse(stdout);
    },
    async [Symbol.asyncDispose]() {
      await nfscribe[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const END =
  "no right can be given to a running process: restart nfscribe, as with systemctl restart " +
  "nfscribe; the one before goes on";

Deno.test("a reload that needs a right which the process lacks is refused whole, and says which", async () => {
  await using stage = await running(870);
  const { path, first, base } = stage;
  const filter = `[filter]\nscript = "in/filter.ts"\n`;
  const cases: [text: string, needs: string][] = [
    [
      `${first}[output.text]\ntype = "logemu"\nhostname = "h"\npath = "other/a.log"\n`,
      `--allow-read=${path}/other/a.log (output text: a look at what is there), ` +
      `--allow-write=${path}/other/a.log (output text: appending)`,
    ],
    [
      `${first}[output.text]\ntype = "logemu"\npath = "out/a.log"\n`,
      "it needs --allow-sys=hostname (output text: lines name the host); ",
    ],
    [
      `${base}[filter]\nscript = "other/filter.ts"\n`,
      `--allow-read=${path}/other/ (the filter's script, and what it imports)`,
    ],
    [
      `${base}${filter}[filter.permissions]\nnet = ["127.0.0.1:6379"]\n`,
      "--allow-net=127.0.0.1:6379 (filter.permissions grants it)",
    ],
    [
      `${first}[output.postgres]\nurl = "postgres://n:secret@127.0.0.1:1/db"\nspool = "out/spool"\n`,
      "--allow-net=127.0.0.1:1 (output postgres: ",
    ],
    [
      `${first}[[source]]\ntype = "pcap"\npath = "other/x.pcap"\n`,
      `--allow-read=${path}/other/x.pcap (source pcap:`,
    ],
  ];
  for (const [text, needs] of cases) {
    const said = await stage.reload(text);
    assertEquals(said.length, 1, said.join("\n"));
    assertMatch(said[0]!, /^The configuration was not replaced: it needs --allow-/);
    assertStringIncludes(said[0]!, needs);
    assertStringIncludes(said[0]!, END);
    assertEquals(said[0]!.includes("secret"), false);
    const { refusal, outputs } = await stage.stats();
    assertEquals(`${refusal}; the one before goes on`, said[0]);
    assertEquals(Object.keys(outputs), ["pcap"]);
    const reload = await stage.check("--quiet", "--reload");
    assertEquals([reload.code, reload.stdout], [2, ""], reload.stderr);
    assertStringIncludes(reload.stderr.replaceAll(/\s+/g, " "), `process ${stage.nfscribe.pid}`);
    const plain = await stage.check();
    assertEquals(plain.code, 0, plain.stderr);
    assertStringIncludes(plain.stdout, `refuses it: it needs --allow-`);
  }
  // The running configuration can be changed where no right is missing.
  assertEquals(await stage.reload(first.replace("[output.pcap]", "[output.pcap]\nsync = false")), [
    "The configuration was replaced",
  ]);
  assertEquals((await stage.stats()).refusal, undefined);
  const { code, stdout } = await stage.check("--reload");
  assertEquals(code, 0);
  assertStringIncludes(stdout, "takes it");
  stage.nfscribe.kill("SIGTERM");
  assertEquals((await stage.nfscribe.ended()).code, 0);
});

Deno.test("check asks no process that runs with another file", async () => {
  await using stage = await running(871);
  const other = `${stage.path}/copy.toml`;
  await Deno.writeTextFile(
    other,
    `${stage.first}[output.b]\ntype = "pcap"\npath = "other/b.pcap"\n`,
  );
  const { code, stdout } = await run(
    deno(
      "--allow-read",
      "--allow-env",
      "--allow-ffi",
      `${ROOT}main.ts`,
      "check",
      "--reload",
      "-c",
      other,
    ),
  );
  assertEquals(code, 0);
  assertEquals(stdout.includes("reload  "), false);
});

Deno.test("a filter's rights that were granted at the start need not be granted again at a reload", async () => {
  await using stage = await running(872, `[filter.permissions]\nnet = ["127.0.0.1:6379"]\n`);
  const said = await stage.reload(
    stage.first.replace("[output.pcap]", "[output.pcap]\nsync = false"),
  );
  assertEquals(said, ["The configuration was replaced"]);
});

Deno.test("an output that could not be opened again is closed only when all others are open", async () => {
  await using stage = await running(
    873,
    `[output.postgres]\nurl = "postgres://n:secret@127.0.0.1:1/db"\nspool = "out/spool"\n`,
  );
  await Deno.writeTextFile(`${stage.path}/out/b.pcap`, "no capture, but longer than a header");
  const said = await stage.reload(
    `${stage.base}[output.b]\ntype = "pcap"\npath = "out/b.pcap"\n[filter]\nscript = "in/filter.ts"\n`,
  );
  const text = said.join("\n");
  assertMatch(text, /The configuration was not replaced: Cannot open .*b\.pcap/);
  assertEquals(Object.keys((await stage.stats()).outputs).sort(), ["pcap", "postgres"]);
});
