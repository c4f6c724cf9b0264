import { assertEquals, assertMatch } from "@std/assert";
import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { checkTypesInProcess } from "../../src/daemon/pool/type_check.ts";
import { temporaryFolder, until } from "./process.ts";

/** Checks the types of a script in a folder of its own. */
async function check(
  files: Readonly<Record<string, string>>,
  signal = new AbortController().signal,
) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder.path}/${name}`, text);
  }
  const outcome = await checkTypesInProcess(`${folder.path}/filter.ts`, signal);
  await folder[Symbol.asyncDispose]();
  if (typeof outcome === "string") return outcome;
  if ("failure" in outcome) return outcome.failure;
  const { files: read, error } = outcome;
  return { requests: read.requests, error: error?.message.replaceAll(folder.path, "") };
}

Deno.test("types are checked in another process, which names the files that it has checked", async () => {
  const files = {
    "filter.ts": 'import { port } from "./port.ts";\nexport default () => port > 1;\n',
    "port.ts": 'export const port: number = "x";\n',
  };
  const requests: [string, string][] = [["module", "filter.ts"], ["module", "port.ts"]];
  assertEquals(await check({ ...files, "port.ts": "export const port = 1;\n" }), {
    requests,
    error: undefined,
  });
  const { error, ...others } = await check(files) as { error: string };
  assertEquals(others, { requests });
  assertMatch(error, /^\/filter\.ts: TS2322 [^]*\/port\.ts:1:14/);
});

Deno.test("a check of types names as many files as a filter may have", async () => {
  const names = Array.from({ length: 998 }, (_, at) => `${"long_name_".repeat(10)}${at}.ts`);
  const files = Object.fromEntries(names.map((name) => [name, `export const x: number = "";\n`]));
  const script = names.map((name) => `import "./${name}";`).join("\n");
  const outcome = await check({ ...files, "filter.ts": `${script}\nexport default () => true;\n` });
  const { requests, error } = outcome as { requests: unknown[]; error: string };
  assertEquals(requests.length, 999);
  assertMatch(error, /TS2322/);
});

/** Checks the types of a script that needs nfscribe's own, with another value of a variable. */
async function checkWith(name: string, value: string): Promise<string> {
  await using folder = await temporaryFolder();
  const script = `${folder.path}/filter.ts`;
  const text =
    'import type { Filter } from "nfscribe";\nexport default (() => 1) satisfies Filter;\n';
  await Deno.writeTextFile(script, text);
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    const outcome = await checkTypesInProcess(script, new AbortController().signal);
    return typeof outcome === "object" && "failure" in outcome ? outcome.failure : "checked";
  } finally {
    if (before === undefined) Deno.env.delete(name);
    else Deno.env.set(name, before);
  }
}

Deno.test("a check of types that cannot be made says why, and is no error of the script", async () => {
  await using empty = await temporaryFolder();
  // No folder for the copies; no packages that nfscribe's own types need.
  assertMatch(await checkWith("TMPDIR", `${empty.path}/gone`), /gone|No such file/);
  assertMatch(await checkWith("DENO_DIR", empty.path), /deno-std|valibot/);
});

Deno.test("a check of types ends where it is not wanted any more", async () => {
  const files = { "filter.ts": "export default () => true;\n" };
  assertEquals(await check(files, AbortSignal.abort()), "nfscribe ends");
});

Deno.test("a check of types that is ended half-way leaves no process behind", async () => {
  const ending = new AbortController();
  const own = () =>
    entriesOf("/proc").filter((pid) => {
      const said = (file: string) => readProcFile(`/proc/${pid}/${file}`) ?? "";
      return /^\d+$/.test(pid) && said("cmdline").includes("/filter/filter.ts") &&
        said("environ").includes("max-old-space-size=512");
    }).length;
  const before = own();
  const checking = check({ "filter.ts": "export default () => true;\n" }, ending.signal);
  await until("types are being checked", () => own() > before);
  ending.abort();
  assertEquals(await checking, "nfscribe ends");
  await until("it is gone", () => own() === before, 2000);
});
