import { assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { logemuFile, OutputError, pcapFile } from "nfscribe";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Returns the beginning of a file: magic, version, link type. */
function header(magic: number, linkType: number, littleEndian = true): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, magic, littleEndian);
  view.setUint16(4, 2, littleEndian);
  view.setUint16(6, 4, littleEndian);
  view.setUint32(16, 65535, littleEndian);
  view.setUint32(20, linkType, littleEndian);
  return new Uint8Array(view.buffer);
}

/** Returns a header of link type RAW and one record that claims a length. */
function damaged(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(24 + 16 + 8);
  bytes.set(header(0xa1b2c3d4, 101));
  bytes.set([1, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 1, 0, 0, 0], 24);
  return bytes;
}

const KINDS: readonly [kind: string, bytes: Uint8Array<ArrayBuffer>, reason: string][] = [
  ["a text file", new TextEncoder().encode("127.0.0.1 localhost\n"), "it is not a pcap file"],
  ["a text of a few letters", new TextEncoder().encode("no"), "it is not a pcap file"],
  ["a pcapng file", new Uint8Array([0x0a, 0x0d, 0x0d, 0x0a, ...new Uint8Array(24)]), "pcapng"],
  ["a capture of Ethernet frames", header(0xa1b2c3d4, 1), "its link type is 1, not 101 (raw IP)"],
  ["a capture with nanoseconds", header(0xa1b23c4d, 101), "nanoseconds"],
  ["a capture of the other byte order", header(0xa1b2c3d4, 101, false), "the other byte order"],
  ["a capture that is damaged inside", damaged(), "it is damaged at byte 24"],
];

for (const [kind, bytes, reason] of KINDS) {
  Deno.test(`${kind} is refused and unchanged`, async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/file`;
    await Deno.writeFile(path, bytes);
    const error = await assertRejects(() => pcapFile(path), OutputError);
    assertStringIncludes(error.message, `Cannot open ${path}: `);
    assertStringIncludes(error.message, reason);
    assertStringIncludes(error.message, "choose another file");
    assertEquals(error.output, path);
    assertInstanceOf(error.cause, Error);
    assertEquals(await Deno.readFile(path), bytes);
  });
}

Deno.test("LOGEMU text is appended to no capture file of whatever kind", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  const captures = KINDS.filter(([kind]) => !kind.includes("text"));
  for (const [kind, bytes] of [...captures, ["a pcap file", header(0xa1b2c3d4, 101)] as const]) {
    await Deno.writeFile(path, bytes);
    const error = await assertRejects(
      () => logemuFile(path, { hostname: "gate" }),
      OutputError,
      `Cannot open ${path}: it is a pcap or pcapng file, and no text; choose another file`,
    );
    assertEquals(error.output, path);
    assertEquals(await Deno.readFile(path), bytes, kind);
  }
  const options = ["run", "--group", "1", "--logemu", path];
  const flags = [
    "--allow-read",
    `--allow-write=${path}`,
    "--allow-ffi",
    "--allow-sys=hostname",
    "--allow-run=deno",
  ];
  const { code, stderr } = await run(deno(...flags, `${ROOT}main.ts`, ...options));
  assertEquals([code, stderr.includes("it is a pcap or pcapng file")], [1, true], stderr);
});

Deno.test("a folder is refused", async () => {
  await using folder = await temporaryFolder();
  const error = await assertRejects(() => pcapFile(folder.path), OutputError);
  assertEquals(
    error.message,
    `Cannot open ${folder.path}: it is a folder, not a file; name a file in it`,
  );
});

Deno.test("a file in a folder that does not exist is refused, and no folder is made", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/none/trace.pcap`;
  const error = await assertRejects(() => pcapFile(path), OutputError);
  assertEquals(
    error.message,
    `Cannot open ${path}: its folder does not exist; make it first: mkdir -p ${folder.path}/none/`,
  );
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("a file that is open already in this program is refused", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/twice.pcap`;
  await using first = await pcapFile(path);
  await assertRejects(() => pcapFile(path), OutputError, "choose another file");
  assertEquals(first.stats.failed, 0);
});

Deno.test("a file that another process writes is refused until that process is gone", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/taken.pcap`;
  const program = `import { pcapFile } from "nfscribe";
await using file = await pcapFile(Deno.args[0]!);
console.log("open");
for await (const _ of Deno.stdin.readable);`;
  await Deno.writeTextFile(`${folder.path}/holder.ts`, program);
  const [command, ...args] = deno(
    `--config=${ROOT}deno.json`,
    "--allow-read",
    "--allow-write",
    `${folder.path}/holder.ts`,
    path,
  );
  const holder = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
  const output = holder.stdout.getReader();
  const { value } = await output.read();
  assertEquals(new TextDecoder().decode(value), "open\n");
  const error = await assertRejects(() => pcapFile(path), OutputError);
  assertEquals(
    error.message,
    `Cannot open ${path}: another process writes it; stop that process, or choose another file`,
  );
  await holder.stdin.close();
  await holder.status;
  await output.cancel();
  await (await pcapFile(path)).close();
});

Deno.test("a read-only file is refused to a user who may not write it", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/read-only.pcap`;
  await (await pcapFile(path)).close();
  const bytes = await Deno.readFile(path);
  await Deno.chmod(path, 0o444);
  const program = `import { pcapFile } from "${ROOT}mod.ts";
try { await pcapFile(${JSON.stringify(path)}); } catch (error) { console.log(String(error)); }`;
  // Root may write anything, unless it gives up that right; other users do not have it.
  const dropped = ["setpriv", "--bounding-set=-dac_override"];
  const plain = canRun(...dropped, "true") ? dropped : [];
  const stdout = await must([...plain, ...deno("--allow-read", "--allow-write", "-")], program);
  assertEquals(
    stdout,
    `OutputError: Cannot open ${path}: the system denies it to this user; ` +
      "check the owner and the mode of the file and its folder\n",
  );
  assertEquals(await Deno.readFile(path), bytes);
});

Deno.test("without --allow-write the message names the flags, and with them it works", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/flags.pcap`;
  const program = `import { pcapFile } from "${ROOT}mod.ts";
await (await pcapFile(${JSON.stringify(path)})).close();`;
  const without = await run(deno("-"), program);
  assertEquals(without.code, 1);
  const flags = without.stderr.match(/--allow-\w+=\S+/g);
  assertEquals(flags, [`--allow-read=${path}`, `--allow-write=${path}`]);
  await must(deno(...flags!, "-"), program);
  assertEquals((await Deno.stat(path)).size, 24);
});

Deno.test("a path that Deno opens with --allow-all only is refused without naming flags that do not help", async () => {
  // Deno grants nothing under /dev and /proc with --allow-read and --allow-write.
  const program = `import { pcapFile } from "${ROOT}mod.ts";
try { await pcapFile("/dev/full"); } catch (error) { console.log(String(error)); }`;
  const stdout = await must(deno("--allow-read", "--allow-write", "-"), program);
  assertStringIncludes(stdout, "OutputError: Cannot open /dev/full: ");
  assertStringIncludes(stdout, "--allow-all");
});
