import { assertEquals, assertMatch } from "@std/assert";
import { canRun, deno, must, ROOT, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { startNfscribeWith, startProgram } from "./nfscribe.ts";

/** More than the time to notice and load a change. */
const TAKEN_MS = 1500;

/** Script that logs its imports when it starts, and the files beside it. */
const SCRIPT = `import table from "./table.json" with { type: "json" };
import text from "./words.txt" with { type: "text" };
export const start = (context) => context.log("has " + table.name + " " + text.trim());
export default () => true;
`;

/** Runs nfscribe with a script that a shell created; collects messages about it. */
async function running(group: number, prepare: string, rights: readonly string[] = []) {
  const folder = await temporaryFolder();
  const { path } = folder;
  const shell = (text: string) => must(["sh", "-euc", `cd ${path}; ${text}`]);
  await Deno.writeTextFile(`${path}/script`, SCRIPT);
  await shell(prepare);
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = ${group}\n[filter]\nscript = "filter.ts"\n` +
      `[output.pcap]\npath = "out.pcap"\n[log]\nformat = "json"\n`,
  );
  const nfscribe = await startNfscribeWith(rights, "-c", `${path}/nfscribe.toml`);
  return {
    shell,
    nfscribe,
    says: (text: string) => until(`it says ${text}`, () => nfscribe.said.includes(text)),
    pause: () => new Promise((resolve) => setTimeout(resolve, TAKEN_MS)),
    /** Messages about the filter since its start. */
    get logged() {
      return messages(nfscribe.said).filter((message) => /filter/i.test(message));
    },
    async [Symbol.asyncDispose]() {
      await nfscribe[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const version = (name: string) =>
  `mkdir ..${name}; cp script ..${name}/filter.ts; echo '{"name":"${name}"}' > ..${name}/table.json; echo w > ..${name}/words.txt; ` +
  `ln -s ..${name} ..data_tmp; mv -T ..data_tmp ..data`;

Deno.test("a replaced ConfigMap loads the new filter, and one with equal contents does not", async () => {
  const links = "for f in filter.ts table.json words.txt; do ln -s ..data/$f $f; done";
  await using run = await running(860, `${version("one")}; ${links}`);
  await run.shell(`${version("two")}; rm -r ..one`);
  await run.says("has two w");
  await run.says("replaced by its new version");
  await run.shell(`cp -r ..two ..three; ln -s ..three ..data_tmp; mv -T ..data_tmp ..data`);
  await run.pause();
  assertEquals(run.logged, [
    "filter: has one w",
    "filter: has two w",
    "The filter was replaced by its new version",
  ]);
});

Deno.test("imported files and folders in the path load the new filter, too", async () => {
  const prepare = `mkdir v1; cp script v1/filter.ts; echo '{"name":"one"}' > v1/table.json; ` +
    `echo a > v1/words.txt; ln -s v1/filter.ts filter.ts`;
  await using run = await running(861, prepare);
  await run.shell(`echo '{"name":"two"}' > v1/table.json`);
  await run.says("has two a");
  await run.shell("echo b > v1/new; mv v1/new v1/words.txt");
  await run.says("has two b");
  await run.shell("cp -r v1 v2; echo c > v2/words.txt; ln -sfn v2/filter.ts filter.ts");
  await run.says("has two c");
  await run.shell("cp -r v2 v3; echo d > v3/words.txt; mv v2 old; mv v3 v2");
  await run.says("has two d");
});

Deno.test("a removed filter is reported once, and once more when it is back", async () => {
  const prepare = `cp script filter.ts; echo '{"name":"one"}' > table.json; echo a > words.txt`;
  await using run = await running(862, prepare);
  await run.shell("mv filter.ts away");
  await run.says("not replaced");
  await run.pause();
  await run.shell("mv away filter.ts");
  await run.says("again those of the version that runs");
  const [, removed, ...others] = run.logged;
  assertMatch(removed!, /^The filter was not replaced: \S+\/filter\.ts: .*no such file; the one/);
  assertEquals(others, ["The filter's files are again those of the version that runs"]);
});

Deno.test("a new version that lacks a file, or has a broken one, is tried again when that is repaired", async () => {
  const prepare = `cp script filter.ts; echo '{"name":"one"}' > table.json; echo a > words.txt`;
  await using run = await running(863, prepare);
  await run.shell(`sed 's/table.json/next.json/' script > filter.ts`);
  await run.says("no such file");
  await run.shell("echo '{' > next.json");
  await until("it is tried", () => run.logged.length === 3);
  await run.shell(`echo '{"name":"next"}' > next.json`);
  await run.says("has next a");
  await run.pause();
  assertEquals(run.logged.filter((message) => message.includes("not replaced")).length, 2);
});

Deno.test("a new version with type errors, or a refused import, is rejected if types are checked", async () => {
  const typed = (field: string) =>
    `import type { Filter } from "nfscribe";
import { port } from "./port.ts";
export default ((packet) => packet.tcp?.${field} === port) satisfies Filter;
`;
  const write = (field: string) => run.shell(`cat > filter.ts <<'END'\n${typed(field)}END`);
  const prepare = `echo 'export const port = 22;' > port.ts; cat > filter.ts <<'END'\n${
    typed("sourcePort")
  }END`;
  await using run = await running(864, prepare, ["--allow-run=deno"]);
  await write("sourceport");
  await run.says("not replaced");
  await write("destinationPort");
  await run.says("replaced by its new version");
  await run.shell(`echo 'import "npm:left-pad"; export const port = 23;' > port.ts`);
  await run.says("npm:left-pad");
  await run.shell(`echo 'export const port = "x";' > port.ts`);
  // A check that takes long is logged, too.
  const outcomes = () => run.logged.filter((message) => !message.includes("are being checked"));
  await until("it is refused", () => outcomes().length === 4);
  await run.shell(`echo 'export const port = 22;' > port.ts`);
  await run.says("again those of the version that runs");
  const [typo, , refused, other] = outcomes();
  const begin = String.raw`^The filter was not replaced: \S+/filter\.ts: `;
  assertMatch(typo!, new RegExp(`${begin}TS2551 [^]*sourcePort[^]*/filter\\.ts:3:41`));
  assertMatch(refused!, new RegExp(`${begin}a filter cannot import "npm:left-pad"[^]*port\\.ts:1`));
  assertMatch(other!, new RegExp(`${begin}TS2367 `));
});

Deno.test(
  "a filter in a folder that something is mounted over is loaded from there (needs mount namespaces)",
  {
    ignore: !canRun("unshare", "--mount", "true"),
  },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    const filter = (name: string) =>
      `export const start = (context) => context.log("is ${name}");\nexport default () => true;\n`;
    for (const name of ["one", "two", "above/one"]) {
      await Deno.mkdir(`${path}/${name}`, { recursive: true });
      await Deno.writeTextFile(`${path}/${name}/filter.ts`, filter(name));
    }
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 865\n[filter]\nscript = "one/filter.ts"\n` +
        `[output.pcap]\npath = "out.pcap"\n[log]\nformat = "json"\n`,
    );
    const rights = ["--allow-ffi", "--allow-read", "--allow-write"];
    const command = deno(...rights, `${ROOT}main.ts`, "run", "-c", `${path}/nfscribe.toml`);
    await using nfscribe = await startProgram("unshare", "--mount", ...command);
    const shell = (text: string) =>
      must([
        "nsenter",
        `--mount=/proc/${nfscribe.pid}/ns/mnt`,
        "sh",
        "-euc",
        `cd ${path}; ${text}`,
      ]);
    const replaced = (version: number) =>
      until(
        `version ${version}`,
        () =>
          messages(nfscribe.said).filter((text) => text.includes("replaced by its new")).length ===
            version,
      );
    await shell("mount --bind two one");
    await replaced(1);
    // What is mounted is watched, too.
    await Deno.writeTextFile(`${path}/two/filter.ts`, filter("new two"));
    await replaced(2);
    await shell("umount one");
    await replaced(3);
    await shell("mount --bind above .; cd ..");
    await replaced(4);
    await shell("mkdir other; mount -t tmpfs none other; umount other; umount -l .");
    await replaced(5);
    const logged = messages(nfscribe.said).filter((text) => text.startsWith("filter: is"));
    assertEquals(
      logged,
      ["one", "two", "new two", "one", "above/one", "one"].map((name) => `filter: is ${name}`),
    );
  },
);
