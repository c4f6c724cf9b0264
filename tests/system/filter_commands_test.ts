import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pcapFile } from "nfscribe";
import { arpPacket, udpPacket } from "./packets.ts";
import { deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** A folder with `trace.pcap`, three UDP packets, and a filter script. */
async function folderWith(script: string): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await using file = await pcapFile(`${folder.path}/trace.pcap`);
  for (const size of [1, 2, 3]) await file.write(udpPacket(size));
  assertEquals(await file.write(arpPacket()), false);
  await Deno.writeTextFile(`${folder.path}/filter.ts`, script);
  return folder;
}

/** `nfscribe` with rights to read and to run Deno. */
function nfscribe(...args: readonly string[]): string[] {
  return deno(
    "--allow-ffi",
    "--allow-read",
    "--allow-write=/tmp",
    "--allow-run=deno",
    `${ROOT}main.ts`,
    ...args,
  );
}

const BY_LENGTH = `import type { Filter } from "nfscribe";
export default ((packet) => {
  if (packet.originalLength === 30) throw new Error("thirty");
  return packet.originalLength === 29 ? "pcap" : undefined;
}) satisfies Filter;`;

Deno.test("nfscribe test shows where each packet goes, the totals and each failure with its place", async () => {
  await using folder = await folderWith(BY_LENGTH);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const { code, stdout, stderr } = await run(nfscribe("test", ...files));
  assertEquals({ code, stderr }, { code: 1, stderr: "" });
  const packet = (length: number) =>
    `2023-11-14T22:13:20.123456Z 192.0.2.1:1234 > 192.0.2.2:9 UDP length=${length}`;
  assertEquals(stdout.split("\n"), [
    `     1  pcap            ${packet(29)}`,
    `     2  pcap, logemu    ${packet(30)}`,
    `        failed: Error: thirty (${folder.path}/filter.ts:3:43)`,
    `     3  dropped         ${packet(31)}`,
    "",
    "packets 3, dropped 1, failed 1, malformed 0",
    "outputs: pcap 2, logemu 1",
    "",
  ]);
  const json = await run(nfscribe("test", ...files, "--json"));
  const rows = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(rows.length, 4);
  assertEquals(rows[0], { number: 1, packet: packet(29), outputs: ["pcap"] });
  assertMatch(rows[1].error, /^Error: thirty/);
  const outputs = { pcap: 2, logemu: 1 };
  assertEquals(rows[3], { packets: 3, dropped: 1, failed: 1, malformed: 0, outputs });
  assertEquals([...Deno.readDirSync(folder.path)].length, 2, "nothing is written");
});

Deno.test("nfscribe test takes the names of outputs from --outputs or a configuration", async () => {
  await using folder = await folderWith(`export default () => "archive";`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const unknown = await run(nfscribe("test", ...files));
  assertEquals(unknown.code, 1);
  assertStringIncludes(unknown.stdout, 'failed: returned "archive": no such output');
  const named = await must(nfscribe("test", ...files, "--outputs", "archive,logemu"));
  assertStringIncludes(named, "outputs: archive 3, logemu 0");
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(config, `[output.archive]\ntype = "pcap"\npath = "a.pcap"\n`);
  assertStringIncludes(await must(nfscribe("test", ...files, "-c", config)), "outputs: archive 3");
});

/** The same command, in a folder. */
function inFolder(path: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'cd "$0" && exec "$@"', path, ...command];
}

Deno.test("nfscribe test reads nfscribe.toml of the current folder, as nfscribe run does, and says so", async () => {
  await using folder = await folderWith(`export default () => "archive";`);
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[[source]]\ntype = "nflog"\ngroup = 1\n[output.archive]\ntype = "pcap"\npath = "a.pcap"\n` +
      `[stats]\nsocket = "nfscribe.sock"\nmetrics = "127.0.0.1:9477"\n[log]\nfile = "x.log"\n`,
  );
  const test = nfscribe("test", "filter.ts", "trace.pcap");
  const { code, stdout, stderr } = await run(inFolder(path, test));
  assertEquals(
    { code, stderr },
    { code: 0, stderr: "nfscribe: Outputs and the filter's settings are those of nfscribe.toml\n" },
  );
  assertStringIncludes(stdout, "outputs: archive 3");
  await Deno.rename(`${path}/trace.pcap`, `${path}/a.pcap`);
  const own = await must(inFolder(path, nfscribe("test", "filter.ts", "a.pcap")));
  assertStringIncludes(own, "outputs: archive 3");
  await Deno.rename(`${path}/a.pcap`, `${path}/trace.pcap`);
  const others = await run(inFolder(path, [...test, "--outputs", "archive,logemu"]));
  assertEquals({ code: others.code, stderr: others.stderr }, { code: 0, stderr: "" });
  const flags = (await must(inFolder(path, [...test, "--flags"]))).trim().split("\n");
  await must(inFolder(path, deno(...flags, `${ROOT}main.ts`, "test", "filter.ts", "trace.pcap")));
});

Deno.test("nfscribe test shows what a filter attaches and emits, and lines between packets", async () => {
  await using folder = await folderWith(`export default (packet, context) => {
  context.attach({ length: packet.originalLength });
  for (let n = 0; n < 2; n++) context.emit("logemu", { EVENT: "seen", N: n });
  return "pcap";
};
export const stop = (context) => context.emit("logemu", { EVENT: "end" });`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const lines = (await must(nfscribe("test", ...files))).split("\n");
  assertEquals(lines.slice(1, 4), [
    '        attached: {"length":29}',
    "        emitted to logemu: EVENT=seen N=0",
    "        emitted to logemu: EVENT=seen N=1",
  ]);
  assertEquals(lines.slice(12), [
    "     -  emitted to logemu: EVENT=end",
    "",
    "packets 3, dropped 0, failed 0, malformed 0",
    "outputs: pcap 3, logemu 0",
    "emitted: logemu 7",
    "",
  ]);
  const json = (await must(nfscribe("test", ...files, "--json"))).trim().split("\n");
  const rows = json.map((line) => JSON.parse(line));
  assertEquals([rows[2].number, rows[2].attached], [3, { length: 31 }]);
  assertEquals(rows[3], { emitted: [{ output: "logemu", fields: { EVENT: "end" } }] });
  assertEquals(rows[4].emitted, { logemu: 7 });
});

Deno.test("many packets with all that a filter attaches and emits come in their order, each once", async () => {
  await using folder = await folderWith(`let n = 0;
const text = "x".repeat(1500);
export default (packet, context) => {
  context.attach({ n: ++n, text: text.repeat(20) });
  for (let line = 0; line < 20; line++) context.emit("logemu", { N: n, LINE: line, TEXT: text });
  return true;
};`);
  await Deno.remove(`${folder.path}/trace.pcap`);
  {
    await using file = await pcapFile(`${folder.path}/trace.pcap`);
    for (let count = 0; count < 100; count++) await file.write(udpPacket(1));
  }
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const lines = (await must(nfscribe("test", ...files, "--json"))).trim().split("\n");
  const rows = lines.map((line) => JSON.parse(line));
  assertEquals(rows.pop().emitted, { logemu: 2000 });
  assertEquals(rows.length, 100);
  for (const [at, { number, attached, emitted }] of rows.entries()) {
    assertEquals([number, attached.n], [at + 1, at + 1]);
    assertEquals(emitted.map(({ fields }: { fields: unknown }) => fields).length, 20);
    assert(emitted.every(({ fields: { N } }: { fields: { N: string } }) => N === `${at + 1}`));
  }
});

Deno.test("nfscribe test grants a filter nothing of what the configuration grants, unless it is asked to", async () => {
  let posts = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    posts++;
    return new Response();
  });
  const { port } = server.addr;
  await using folder = await folderWith(`export default async () => {
  await fetch("http://127.0.0.1:${port}/").then((response) => response.body?.cancel());
  return "pcap";
};`);
  const { path } = folder;
  await Deno.writeTextFile(
    `${path}/nfscribe.toml`,
    `[filter]\nscript = "filter.ts"\n[filter.permissions]\nnet = ["127.0.0.1:${port}"]\n` +
      `[output.pcap]\npath = "out.pcap"\n`,
  );
  const test = ["test", `${path}/filter.ts`, `${path}/trace.pcap`, "-c", `${path}/nfscribe.toml`];
  const flags = (await must(nfscribe(...test, "--flags"))).trim().split("\n");
  assert(!flags.some((flag) => flag.startsWith("--allow-net")), String(flags));
  const { code, stdout, stderr } = await run(soon(nfscribe(...test)));
  assertEquals([code, posts], [1, 0]);
  assertStringIncludes(stdout, "failed: NotCapable: Requires net access");
  assertStringIncludes(
    stderr,
    "nfscribe: The filter is not granted what [filter.permissions] says (net); --permissions grants it\n",
  );
  const watch = ["watch", "--group", "1", "--filter", test[1]!, ...test.slice(3), "--flags"];
  assert(!(await must(nfscribe(...watch))).includes("--allow-net"));
  assertStringIncludes(await must(nfscribe(...watch, "--permissions")), "--allow-net");
  const granting = [...test, "--permissions"];
  const all = (await must(nfscribe(...granting, "--flags"))).trim().split("\n");
  assert(all.includes(`--allow-net=127.0.0.1:${port}`), String(all));
  const granted = await must(soon(deno(...all, `${ROOT}main.ts`, ...granting)));
  assertStringIncludes(granted, "outputs: pcap 3");
  assertEquals(posts, 3);
});

Deno.test("nfscribe test takes outputs of a configuration that only a run could complete", async () => {
  await using folder = await folderWith(`export default () => ["postgres", "logemu"];`);
  const files = [`${folder.path}/filter.ts`, `${folder.path}/trace.pcap`];
  const config = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[output.postgres]\nurl = "postgres://nobody@localhost/none"\n[output.logemu]\npath = "x.log"\n`,
  );
  const said = await must(soon(nfscribe("test", ...files, "-c", config)));
  assertStringIncludes(said, "outputs: postgres 3, logemu 3");
});

Deno.test("a script that hangs in a timer of its own is done without, and its packets are written", async () => {
  await using folder = await folderWith(`
export const start = () => void setTimeout(() => { for (;;); }, 0);
export default async () => {
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

/** A command that is ended where it would go on without end. */
function soon(command: readonly string[]): string[] {
  return ["timeout", "20", ...command];
}

/** A flag for each value of a flag. */
function single(flag: string): string[] {
  const [name, values = ""] = flag.split("=");
  return values.split(",").map((value) => `${name}=${value}`);
}

Deno.test("nfscribe check says what there is, and its flags are enough for the filter", async () => {
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

Deno.test("a filter that says nothing of types passes the check of types", async () => {
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
  // As root the sandbox acts for nobody.
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
  // Deno asks a proxy for all that it fetches.
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
