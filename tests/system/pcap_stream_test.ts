import { assert, assertEquals, assertMatch } from "@std/assert";
import { pcapFile } from "nfscribe";
import { udpPacket } from "./packets.ts";
import { canRun, deno, hasProgram, must, ROOT, run, temporaryFolder } from "./process.ts";

/** Sizes of the file's header, and of a record of 1000 bytes of data, in bytes. */
const HEADER = 24;
const RECORD = 16 + 28 + 1000;

/** Writes packets to a file until it fails, then prints the counters. */
const FILL = `import { pcapFile } from "${ROOT}mod.ts";
import { udpPacket } from "${ROOT}tests/system/packets.ts";
const [path, sync] = Deno.args;
const file = await pcapFile(path!, { sync: sync === "true" });
let taken = 0;
try {
  for (;; taken++) await file.write(udpPacket(1000));
} catch (error) {
  await file.close();
  console.error(JSON.stringify({ error: String(error), taken, ...file.stats }));
}`;

const MAY_MOUNT = canRun("unshare", "--mount", "--map-root-user", "true");

for (const sync of [true, false]) {
  Deno.test({
    name: `a full disk is an OutputError and the file ends at a whole record, sync ${sync} ` +
      `(needs a mount namespace)`,
    ignore: !MAY_MOUNT,
    async fn() {
      await using folder = await temporaryFolder();
      const script = `mount -t tmpfs -o size=1m none "$1" && shift && "$@"; status=$?
stat -c %s "$FILE"; exit $status`;
      const path = `${folder.path}/full.pcap`;
      const program = deno("--allow-read", "--allow-write", "-", path, String(sync));
      const { code, stdout, stderr } = await run(
        // deno-fmt-ignore
        ["env", `FILE=${path}`, "unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh",
          folder.path, ...program],
        FILL,
      );
      assertEquals(code, 0, stderr);
      const { error, taken, written, bytes, failed } = JSON.parse(stderr);
      assertMatch(error, /^OutputError: Cannot write \S+full.pcap: .*No space left on device/);
      const size = Number(stdout);
      assertEquals(size, HEADER + bytes);
      assertEquals(bytes, written * RECORD);
      assert(failed > 0);
      if (sync) assertEquals([taken, failed], [written, 1]);
    },
  });
}

Deno.test("standard output on a full device is an OutputError", async () => {
  const program = `import { pcapFile } from "${ROOT}mod.ts";
await pcapFile("-").catch((error) => console.error(String(error)));`;
  const { stderr } = await run(["sh", "-c", '"$@" >/dev/full', "sh", ...deno("-")], program);
  assertMatch(stderr, /^OutputError: Cannot write standard output: .*No space left on device/);
});

Deno.test({
  name: "a FIFO takes the header and every packet (needs mkfifo)",
  ignore: !hasProgram("mkfifo"),
  async fn() {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/fifo`;
    await must(["mkfifo", path]);
    const reader = new Deno.Command("cat", { args: [path], stdout: "piped" }).spawn().output();
    {
      await using file = await pcapFile(path);
      for (let i = 0; i < 200; i++) await file.write(udpPacket(1000));
      assertEquals(file.stats.written, 200);
    }
    const { stdout } = await reader;
    assertEquals(stdout.length, HEADER + 200 * RECORD);
    assertEquals(stdout[0], 0xd4);
  },
});

Deno.test("standard output gets the header and every packet, and nothing else", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/same.pcap`;
  {
    await using file = await pcapFile(path);
    for (let i = 0; i < 3; i++) await file.write(udpPacket());
  }
  const program = `import { pcapFile } from "${ROOT}mod.ts";
import { udpPacket } from "${ROOT}tests/system/packets.ts";
await using file = await pcapFile("-");
for (let i = 0; i < 3; i++) await file.write(udpPacket());`;
  const [command, ...args] = deno("-");
  const child = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, stdout } = await output;
  assertEquals(code, 0);
  assertEquals(stdout, await Deno.readFile(path));
});

Deno.test("a reader of standard output that goes away is an OutputError", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/fill.ts`, FILL);
  const words = deno(`--config=${ROOT}deno.json`, `${folder.path}/fill.ts`, "-", "true");
  const { stderr } = await run(["sh", "-c", '"$@" | head -c 24 >/dev/null', "sh", ...words]);
  const { error, taken, written, failed } = JSON.parse(stderr);
  assertEquals(
    error,
    "OutputError: Cannot write standard output: the reader at its other end is gone",
  );
  assertEquals([taken, failed], [written, 1]);
});
