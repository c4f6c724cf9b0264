/**
 * Reloads of the filter, again and again: neither memory nor descriptors are lost.
 * `deno task test:faults` reloads a thousand times; RELOADS is the number.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { fileHeader } from "../source/pcap/sample.ts";
import { deno, ROOT, temporaryFolder, until } from "./process.ts";

const RELOADS = Number(Deno.env.get("RELOADS") ?? 40);
/** Reloads before the first measurement: code is compiled, heaps have grown. */
const WARM_UP = 20;
/**
 * Growth of memory that is no leak, in MiB: heaps that settle. Beside the pages of Deno's file that
 * it comes to use and the sandbox's shared memory, 580 reloads take 2.
 */
const GROWTH_MAX = 12;
/** V8 would otherwise take up to 16 MiB for new objects, as it likes; `scripts/nfscribe` says so, too. */
const FLAGS = "--v8-flags=--max-semi-space-size=1";

/** Resources of a process. */
interface Use {
  descriptors: number;
  mappings: number;
  threads: number;
  children: number;
  /** Memory of its own, in MiB. */
  own: number;
}

function useOf(pid: number): Use {
  const read = (file: string) => readProcFile(`/proc/${pid}/${file}`) ?? "";
  const status = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(read("status"))?.[1]);
  const children = entriesOf(`/proc/${pid}/task`).flatMap((task) =>
    read(`task/${task}/children`).split(" ").filter(Boolean)
  );
  return {
    descriptors: entriesOf(`/proc/${pid}/fd`).length,
    mappings: read("maps").split("\n").length,
    threads: status("Threads"),
    children: children.length,
    own: status("RssAnon") / 1024,
  };
}

/** Starts nfscribe with a script that a test may change. */
async function running(script: string) {
  const folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeFile(`${path}/in.pcap`, fileHeader());
  await Deno.writeTextFile(`${path}/filter.ts`, script);
  const file = `${path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "pcap"\npath = "in.pcap"\nfollow = true\n[filter]\nscript = "filter.ts"\n` +
      `timeout_ms = 20_000\n[output.pcap]\npath = "out.pcap"\n`,
  );
  const rights = ["--allow-ffi", "--allow-read", "--allow-write"];
  const [command, ...args] = deno(FLAGS, ...rights, `${ROOT}main.ts`, "run", "-c", file);
  const child = new Deno.Command(command!, { args, stdin: "null", stderr: "piped" }).spawn();
  let said = "";
  let replaced = 0;
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      replaced = said.split("replaced by its new version").length - 1;
    }
  })();
  await until("it runs", () => said.includes("started"));
  return {
    child,
    write: (text: string) => Deno.writeTextFile(`${path}/filter.ts`, text),
    get replaced() {
      return replaced;
    },
    async stop() {
      child.kill("SIGTERM");
      const { code } = await child.status;
      await reading;
      return { code, said };
    },
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test(`${RELOADS} reloads of the filter leave no memory, descriptor, thread or process behind`, async () => {
  await using stage = await running("export default () => 0;\n");
  const { pid } = stage.child;
  const reload = async (version: number) => {
    await stage.write(`const table = new Uint8Array(1000).fill(${version % 256});
export default () => table[0] === ${version % 256};\n`);
    // By a signal, or by the change alone.
    if (version % 4 !== 0) stage.child.kill("SIGHUP");
    await until(`version ${version}`, () => stage.replaced >= version);
    if (version % 4 !== 0) await until("its old sandbox is gone", () => useOf(pid).children === 1);
  };
  const settled = async () => {
    await until("one sandbox", () => useOf(pid).children === 1);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return useOf(pid);
  };
  for (let version = 1; version <= WARM_UP; version++) await reload(version);
  const before = await settled();
  for (let version = WARM_UP + 1; version <= WARM_UP + RELOADS; version++) await reload(version);
  const after = await settled();
  console.log(JSON.stringify({ RELOADS, before, after }));
  assertEquals(after.descriptors, before.descriptors);
  assertEquals(after.children, 1);
  assertLess(after.threads, before.threads + 4);
  // V8 keeps its heap in pieces, whose number varies.
  assertLess(after.mappings, before.mappings + 40);
  assertLess(after.own, before.own + GROWTH_MAX);
  const { code, said } = await stage.stop();
  assertEquals(code, 0, said);
});

Deno.test("signals that come while a reload is under way become one", async () => {
  const slow = (version: number) =>
    `export const start = () => { const end = Date.now() + 600; while (Date.now() < end); };
export default () => ${version};\n`;
  await using stage = await running(slow(1));
  await stage.write(slow(2));
  for (let n = 0; n < 20; n++) {
    stage.child.kill("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await until("it is reloaded", () => stage.replaced >= 1);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  assert(stage.replaced <= 3, `${stage.replaced} reloads`);
  const { code, said } = await stage.stop();
  assertEquals(code, 0, said);
});
