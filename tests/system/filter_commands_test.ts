import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { BY_LENGTH, folderWith, nfscribe, soon } from "./filters.ts";
import { deno, must, ROOT, run } from "./process.ts";

Deno.test("a script that hangs in a timer of its own is done without, and its packets are written", async () => {
  // The timer is started in the filter: one of `start` may fire before the first packet is there,
  // which then counts as failed, not as timed out.
  await using folder = await folderWith(`
export default async () => {
  setTimeout(() => { for (;;); }, 0);
  await new Promise((resolve) => setTimeout(resolve, 10));
  return "none";
};`);
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[filter]\nscript = "filter.ts"\ntimeout_ms = 100\n[output.pcap]\npath = "out.pcap"\n`,
  );
  const { code, stderr } = await run(soon(
    deno(
      "--allow-ffi",
      "--allow-read",
      `--allow-write=${path}/out.pcap`,
      ...[`${ROOT}main.ts`, "replay", `${path}/trace.pcap`, "-c", `${path}/nfscribe.toml`],
    ),
  ));
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "filter: passed 0, dropped 0, failed 0, timedOut 3");
  assertEquals((await Deno.stat(`${path}/out.pcap`)).size, 24 + 16 + 29 + 16 + 30 + 16 + 31);
  assertEquals(stderr.match(/sandbox is replaced/g)?.length, 3, stderr);
  assertStringIncludes(stderr, "The filter failed 3 times in a row; packets follow on_error");
});

/** Splits a flag into one for each value. */
function single(flag: string): string[] {
  const [name, values = ""] = flag.split("=");
  return values.split(",").map((value) => `${name}=${value}`);
}

Deno.test("nfscribe check lists the parts, and its flags are enough for the filter", async () => {
  await using folder = await folderWith(BY_LENGTH);
  const { path } = folder;
  const config = `${path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "pcap"\npath = "trace.pcap"\n[filter]\nscript = "filter.ts"\n` +
      `[output.pcap]\npath = "out.pcap"\n`,
  );
  const said = await must(nfscribe("check", "-c", config));
  assertStringIncludes(said, `${config}: ok\n`);
  assertStringIncludes(said, `${path}/filter.ts: types checked, loads`);
  assertMatch(said, /\n\nNext: \S*nfscribe run -c \S+\/nfscribe\.toml\n$/);
  const flags = (await must(nfscribe("check", "-c", config, "--flags"))).trim().split("\n");
  assert(flags.every((flag) => /^--allow-(ffi$|(read|write)=)/.test(flag)), String(flags));
  const pasted = [...said.matchAll(/^ {2}(--allow-\S+)/gm)].map(([, flag]) => flag!);
  assertEquals(pasted.flatMap(single), flags.flatMap(single), said);
  await must(deno(...flags, `${ROOT}main.ts`, "run", "-c", config));
  assertEquals((await Deno.stat(`${path}/out.pcap`)).size, 24 + 16 + 29 + 16 + 30);
  for (const [index, flag] of flags.entries()) {
    const fewer = flags.toSpliced(index, 1);
    const { code, stderr } = await run(deno(...fewer, `${ROOT}main.ts`, "run", "-c", config));
    assertEquals(code, flag.startsWith("--allow-read") ? 2 : 1);
    assertMatch(stderr, /run again with --allow-/);
  }
});

Deno.test("type errors of a filter are exit status 2 with their place", async () => {
  await using folder = await folderWith(`import type { Filter } from "nfscribe";
export default ((packet) => packet.tpc) satisfies Filter;`);
  const args = ["--group", "1", "--pcap", "x.pcap", "--filter", `${folder.path}/filter.ts`];
  for (const command of ["check", "run"]) {
    const { code, stderr } = await run(
      deno(
        "--allow-read",
        "--allow-write",
        "--allow-ffi",
        "--allow-run=deno",
        `${ROOT}main.ts`,
        command,
        ...args,
      ),
    );
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "Property 'tpc' does not exist on type 'Packet'");
    assertStringIncludes(stderr, `${folder.path}/filter.ts:2:36`);
  }
});

/** Says what is wrong with a filter: with the check of types, and in its sandbox without it. */
async function problemsOf(script: string): Promise<{ checked: string; loaded: string }> {
  await using folder = await folderWith(script);
  const args = ["test", `${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const checked = await run(nfscribe(...args));
  const loaded = await run(deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, ...args));
  assertEquals(checked.code, loaded.code);
  if (checked.code === 0) assertEquals(checked.stdout, loaded.stdout);
  const own = (text: string) => text.replaceAll(`${folder.path}/`, "");
  return { checked: own(checked.stderr), loaded: own(loaded.stderr) };
}

Deno.test("a filter uses types of nfscribe/packet, and they are checked", async () => {
  const script = `import type { Filter } from "nfscribe";
import type { Defect, StructuredPacket, UdpHeader } from "nfscribe/packet";
const isLong = ({ length }: UdpHeader): boolean => length > 9;
const isBroken = (defect: Defect | undefined) => defect?.kind === "malformed";
const portOf = ({ udp }: StructuredPacket): number => udp?.destinationPort ?? 0;
export default ((packet) =>
  packet.udp !== undefined && isLong(packet.udp) && !isBroken(packet.defect) &&
  portOf(packet.toJSON()) === 9) satisfies Filter;`;
  assertEquals(await problemsOf(script), { checked: "", loaded: "" });
  await using folder = await folderWith(script.replace("udp?.destinationPort", "udp?.port"));
  const args = ["test", `${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const { code, stderr } = await run(nfscribe(...args));
  assertEquals(code, 2);
  assertMatch(stderr, /Property 'port' does not exist on type [^]*filter\.ts:5:/);
});

Deno.test("a filter that imports another module of nfscribe is refused, and told what it may import", async () => {
  for (const name of ["pcap", "logemu", "testing"]) {
    const script = `import * as x from "nfscribe/${name}";\nexport default () => x !== undefined;`;
    const { checked, loaded } = await problemsOf(script);
    const why = `a filter cannot import "nfscribe/${name}": it may import its own files, ` +
      'as in "./lists.ts", "nfscribe" and "nfscribe/packet"';
    assertStringIncludes(checked, `${why}\nnfscribe:     at filter.ts:1:20\n`);
    assertStringIncludes(loaded, why);
  }
  const { checked, loaded } = await problemsOf(
    'import x from "nfscribe" with { type: "text" };\nexport default () => x !== "";',
  );
  for (const told of [checked, loaded]) assertStringIncludes(told, "without `with`");
});

Deno.test("a filter without type annotations passes the check of types", async () => {
  await using folder = await folderWith(`export const tick = (context) => context.log("x");
export default (packet) => {
  if (packet.udp !== undefined) return [1, 2][0] > 0;
};`);
  const args = ["--group", "1", "--pcap", "x.pcap", "--filter", `${folder.path}/filter.ts`];
  await must(nfscribe("check", ...args));
});

Deno.test("nfscribe replay writes what the filter takes out of a file", async () => {
  await using folder = await folderWith(BY_LENGTH);
  const { path } = folder;
  const out = `${path}/out.pcap`;
  const args = ["replay", `${path}/trace.pcap`, "--pcap", out, "--filter", `${path}/filter.ts`];
  const { code, stderr } = await run(
    deno("--allow-ffi", "--allow-read", `--allow-write=${out}`, `${ROOT}main.ts`, ...args),
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "filter: passed 1, dropped 1, failed 1, timedOut 0");
  assertEquals((await Deno.stat(out)).size, 24 + 16 + 29 + 16 + 30);
});

Deno.test("a permission that nfscribe itself lacks cannot be granted to a filter", async () => {
  await using folder = await folderWith(BY_LENGTH);
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "pcap"\npath = "trace.pcap"\n[filter]\nscript = "filter.ts"\n` +
      `[filter.permissions]\nnet = ["127.0.0.1:6379"]\n[output.pcap]\npath = "out.pcap"\n`,
  );
  const { code, stderr } = await run(
    deno("--allow-ffi", "--allow-read", "--allow-write", `${ROOT}main.ts`, "run", "-c", config),
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, "run again with --allow-net=127.0.0.1:6379");
  assertStringIncludes(stderr, "net 127.0.0.1:6379: filter.permissions grants it");
});

Deno.test("a filter uses what it was granted, and no more", async () => {
  await using folder = await folderWith(`let told = false;
export default async (_packet: unknown, context: { log(text: string): void }) => {
  if (told) return;
  told = true;
  context.log(await Deno.readTextFile(new URL("list.txt", import.meta.url)));
  for (const path of ["filter.ts", "trace.pcap"]) {
    await Deno.readTextFile(new URL(path, import.meta.url)).then(
      () => context.log("GOT " + path),
      (error) => context.log(error.name),
    );
  }
};`);
  const { path } = folder;
  await Deno.writeTextFile(`${path}/list.txt`, "granted");
  // A sandbox of root runs as the overflow user, who must be able to read the folder.
  await Deno.chmod(path, 0o755);
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "pcap"\npath = "trace.pcap"\n[filter]\nscript = "filter.ts"\n` +
      `[filter.permissions]\nread = ["list.txt"]\n[output.pcap]\npath = "out.pcap"\n[log]\nformat = "json"\n`,
  );
  const { code, stderr } = await run(
    deno(
      "--allow-ffi",
      "--allow-read",
      "--allow-write",
      `${ROOT}main.ts`,
      "run",
      "-c",
      `${path}/nfscribe.toml`,
    ),
  );
  assertEquals(code, 0, stderr);
  const told = stderr.trim().split("\n").map((line) => JSON.parse(line).message);
  assertEquals(told.filter((message) => message.startsWith("filter: ")), [
    "filter: granted",
    "filter: NotCapable",
    "filter: NotCapable",
  ]);
});

Deno.test("the settings for filters import what nfscribe imports", async () => {
  const imports = async (path: string) =>
    JSON.parse(await Deno.readTextFile(`${ROOT}${path}`)).imports as Record<string, string>;
  const own = await imports("deno.json");
  for (const [name, target] of Object.entries(await imports("types/filter.deno.json"))) {
    assertEquals(target.replace(/^\.\.\//, "./"), own[name], name);
  }
});

Deno.test("the flags that test and replay print are enough for them", async () => {
  await using folder = await folderWith(`export default () => "pcap";`);
  const { path } = folder;
  const commands = [
    ["test", `${path}/filter.ts`, `${path}/trace.pcap`],
    ["replay", `${path}/trace.pcap`, "--filter", `${path}/filter.ts`, "--pcap", `${path}/x.pcap`],
  ];
  for (const command of commands) {
    const flags = (await must(nfscribe(...command, "--flags"))).trim().split("\n");
    assert(flags.every((flag) => /^--allow-(ffi$|(read|write)=)/.test(flag)), String(flags));
    await must(deno(...flags, `${ROOT}main.ts`, ...command));
  }
});

Deno.test("imports from elsewhere are refused before anything is fetched", async () => {
  let requests = 0;
  // Deno fetches everything through a proxy.
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    requests++;
    return new Response(null, { status: 404 });
  });
  const proxy = `http://127.0.0.1:${server.addr.port}`;
  await using folder = await folderWith("");
  const { path } = folder;
  const env = [
    "env",
    ...["HTTP", "HTTPS", "http", "https"].map((name) =>
      `${name}${name < "a" ? "_PROXY" : "_proxy"}=${proxy}`
    ),
  ];
  const imports = [
    'import x from "npm:never-heard-of-this@1.0.0";\nx();',
    'import type x from "npm:@types/never-heard-of-this";',
    'export * from "jsr:@never/heard";',
    'import "http://192.0.2.1/x.ts";',
    'const x = () => import("npm:never-heard-of-this");',
    '// @ts-types="npm:@types/never-heard-of-this"\nimport x from "./own.js";',
    '/// <reference types="npm:@types/never-heard-of-this" />',
  ];
  await Deno.writeTextFile(`${path}/own.js`, "export default 1;\n");
  for (const text of imports) {
    await Deno.writeTextFile(`${path}/filter.ts`, `${text}\nexport default () => true;\n`);
    const test = ["test", `${path}/filter.ts`, `${path}/trace.pcap`];
    const checked = await run([...env, ...nfscribe(...test)]);
    const bare = await run([
      ...env,
      ...deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, ...test),
    ]);
    assertEquals(requests, 0, `${text}\n${checked.stderr}${bare.stderr}`);
    assertEquals(checked.code, 2, text);
    assertMatch(checked.stderr, /a filter cannot import (while|"(npm|jsr|http):)/);
  }
});
