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
  return await withVariable(name, value, async () => {
    const outcome = await checkTypesInProcess(script, new AbortController().signal);
    return typeof outcome === "object" && "failure" in outcome ? outcome.failure : "checked";
  });
}

/** Does something while a variable of the environment has another value. */
async function withVariable<T>(name: string, value: string, act: () => Promise<T>): Promise<T> {
  const before = Deno.env.get(name);
  Deno.env.set(name, value);
  try {
    return await act();
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
      return /^\d+$/.test(pid) && /types-\w+\/check\.ts/.test(said("cmdline")) &&
        said("environ").includes("max-old-space-size=512");
    }).length;
  const before = own();
  const checking = check({ "filter.ts": "export default () => true;\n" }, ending.signal);
  await until("types are being checked", () => own() > before);
  ending.abort();
  assertEquals(await checking, "nfscribe ends");
  await until("it is gone", () => own() === before, 2000);
});

/** Checks a script, and returns the names in a folder while it is checked. */
async function namesWhileChecked(folder: string): Promise<string[]> {
  const names = () => entriesOf(folder).filter((name) => !name.endsWith(".json")).sort();
  const before = names();
  const text = "export default () => true;\n";
  const checking = check({ "filter.ts": text });
  await until("types are being checked", () => names().length > before.length);
  const during = names().filter((name) => !before.includes(name));
  assertEquals((await checking as { error: unknown }).error, undefined);
  assertEquals(names(), before);
  return during;
}

Deno.test("checks of types use one folder again, and another where it is taken", async () => {
  await using cache = await temporaryFolder();
  await withVariable("NFSCRIBE_CACHE", cache.path, async () => {
    for (let time = 0; time < 2; time++) {
      assertEquals(await namesWhileChecked(cache.path), ["nfscribe-types-1"]);
    }
    for (let number = 1; number <= 16; number++) {
      if (number !== 3) await Deno.mkdir(`${cache.path}/nfscribe-types-${number}`);
    }
    assertEquals(await namesWhileChecked(cache.path), ["nfscribe-types-3"]);
    await Deno.mkdir(`${cache.path}/nfscribe-types-3`);
    const [name] = await namesWhileChecked(cache.path);
    // Deno writes its random number without leading zeros.
    assertMatch(name!, /^types-[0-9a-f]+$/);
    // A killed check leaves its folder.
    const yesterday = Date.now() / 1000 - 86_400;
    await Deno.writeTextFile(`${cache.path}/nfscribe-types-5/deno.json`, "{}");
    await Deno.utime(`${cache.path}/nfscribe-types-5`, yesterday, yesterday);
    const checking = check({ "filter.ts": "export default () => true;\n" });
    assertEquals((await checking as { error: unknown }).error, undefined);
    assertEquals(entriesOf(cache.path).includes("nfscribe-types-5"), false);
  });
});
