/**
 * Checks of types that take for ever: their limits, and their end with the process that asked.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { checkTypesInProcess } from "../../src/daemon/pool/type_check.ts";
import { fileHeader } from "../source/pcap/sample.ts";
import { deno, ROOT, temporaryFolder, until } from "./process.ts";

/** Script whose types take minutes and gigabytes: each pair of lengths is one of its own. */
const ENDLESS = `type Rep<T extends any[], N extends number> =
  T["length"] extends N ? T : Rep<[...T, any], N>;
type Cross<A extends any[], B extends any[]> = A extends [infer X, ...infer R]
  ? [...{ [K in keyof B]: [X, B[K]] }, ...Cross<R, B>] : [];
${
  Array.from({ length: 3000 }, (_, n) =>
    `export const x${n}: Cross<Rep<[], ${40 + n % 5}>, Rep<[], ${
      400 + n
    }>>[1] = [0 as any, 0 as any];`)
    .join("\n")
}
export default () => true;
`;
const WORKING = "export default () => true;\n";
const RIGHTS = ["--allow-read", "--allow-write", "--allow-env", "--allow-ffi", "--allow-run=deno"];

/** Returns the processes that check types of scripts, or ask for that, in a folder. */
function checksIn(folder: string): string[] {
  return entriesOf("/proc").filter((pid) => {
    const said = (file: string) => readProcFile(`/proc/${pid}/${file}`) ?? "";
    return /^\d+$/.test(pid) && said("environ").includes(`TMPDIR=${folder}`) &&
      /\0check\0|types\/main/.test(said("cmdline"));
  });
}

/** Whether `deno check` runs, and not only the process that starts it. */
const isChecking = (folder: string) => checksIn(folder).length > 1;

/** Starts nfscribe, whose temporary files are in a folder. */
function start(folder: string, ...words: string[]) {
  const [command, ...args] = deno(...RIGHTS, `${ROOT}main.ts`, ...words);
  return new Deno.Command(command!, {
    args,
    env: { TMPDIR: folder, NFSCRIBE_CACHE: folder },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

async function stage(script: string) {
  const folder = await temporaryFolder();
  const { path } = folder;
  await Deno.writeTextFile(`${path}/filter.ts`, script);
  await Deno.writeFile(`${path}/in.pcap`, fileHeader());
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "pcap"\npath = "in.pcap"\nfollow = true\n[filter]\nscript = "filter.ts"\n` +
      `[output.pcap]\npath = "out.pcap"\n`,
  );
  return folder;
}

Deno.test("a check of types ends after its time, and leaves no process behind", async () => {
  await using folder = await stage(ENDLESS);
  const before = Deno.env.get("TMPDIR");
  Deno.env.set("TMPDIR", folder.path);
  try {
    const none = new AbortController().signal;
    const outcome = await checkTypesInProcess(`${folder.path}/filter.ts`, none, 2500);
    assertEquals(outcome, { failure: "that takes more than 2.5 seconds; make them simpler" });
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
  }
  await until("all are gone", () => checksIn(folder.path).length === 0, 2000);
});

Deno.test("a check of types that takes too much memory is refused at the start, and says so", async () => {
  await using folder = await stage(ENDLESS);
  const child = start(folder.path, "check", "-c", `${folder.path}/nfscribe.toml`);
  const { code, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr).replaceAll(/\s+/g, " ");
  assertEquals(code, 2, said);
  assertStringIncludes(
    said,
    "its types could not be checked: that takes more than 512 MB of memory",
  );
});

Deno.test("a check of types ends with nfscribe that is killed while it starts", async () => {
  await using folder = await stage(ENDLESS);
  const child = start(folder.path, "run", "-c", `${folder.path}/nfscribe.toml`);
  await until("types are being checked", () => isChecking(folder.path));
  child.kill("SIGKILL");
  await child.stderr.cancel();
  await child.status;
  await until("all are gone", () => checksIn(folder.path).length === 0, 2000);
});

Deno.test("a check of types that takes long is logged, and ends with nfscribe that is killed while it runs", async () => {
  await using folder = await stage(WORKING);
  const child = start(folder.path, "run", "-c", `${folder.path}/nfscribe.toml`);
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  await until("it runs", () => said.includes("started"));
  await Deno.writeTextFile(`${folder.path}/filter.ts`, ENDLESS);
  await until("types are being checked", () => isChecking(folder.path));
  // However fast the machine is.
  const checks = checksIn(folder.path).map(Number);
  for (const pid of checks) Deno.kill(pid, "SIGSTOP");
  await until("it says so", () => said.includes("has changed: its types are being checked"));
  child.kill("SIGKILL");
  for (const pid of checks) Deno.kill(pid, "SIGCONT");
  await child.status;
  await reading;
  await until("all are gone", () => checksIn(folder.path).length === 0, 2000);
});
