import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { FileWriter } from "../../src/output/file/file_writer.ts";
import { openFile } from "../../src/output/file/open.ts";
import type { FileOptions } from "../../src/output/file/options.ts";
import { openTextFile } from "../../src/output/file/text.ts";
import { openPcapWriter } from "../../src/output/pcap/writer.ts";
import { canRun, deno, must, ROOT, temporaryFolder } from "./process.ts";

const FORMAT = {
  header: new TextEncoder().encode("HEAD\n"),
  check: (_: unknown, size: number) => ({ end: size }),
};
const RECORD = new TextEncoder().encode("record\n");

async function open(options: FileOptions): Promise<FileWriter & { said: string[] }> {
  const said: string[] = [];
  const writer = await openFile(options, FORMAT, (message) => said.push(message));
  assert(writer instanceof FileWriter);
  return Object.assign(writer, { said });
}

const textOf = (path: string) => Deno.readTextFileSync(path);
const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

/** Command that runs a shell with mounts of its own. */
const MOUNTING = ["unshare", "--map-root-user", "--mount", "sh", "-c"] as const;
const MAY_MOUNT = canRun(...MOUNTING, "mount -t tmpfs tmpfs /mnt");
const NEEDS_MOUNT = MAY_MOUNT ? "" : " (needs a mount namespace)";
const IS_ROOT = canRun("sh", "-c", '[ "$(id -u)" -eq 0 ]');

/** Fills a tmpfs of a megabyte. */
async function fill(rotateSeconds: string): Promise<Record<string, unknown>> {
  await using folder = await temporaryFolder();
  const program = deno("--allow-read", "--allow-write", `${ROOT}tests/system/full_disk.ts`);
  const command = [...program, folder.path, rotateSeconds].join(" ");
  const stdout = await must([
    ...MOUNTING,
    `mount -t tmpfs -o size=1m tmpfs ${folder.path} && exec ${command}`,
  ]);
  return JSON.parse(stdout);
}

Deno.test({
  name: `A file that cannot be rotated, on a full disk, keeps growing, logged once${NEEDS_MOUNT}`,
  ignore: !MAY_MOUNT,
  async fn() {
    const seen = await fill("1");
    assert((seen.failed as number) > 10, `${seen.failed}`);
    assertEquals([seen.left, seen.later, seen.leftLater], [0, [], 0]);
    const [said, ...more] = seen.said as string[];
    assert(/^Cannot end \S+\/f: .*No space left.*; it keeps growing$/.test(said!), said);
    assertEquals([more, (seen.files as number) > 1], [[], true]);
  },
});

Deno.test("A truncated file gets a header again, and continues with whole records", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await using writer = await open({ path, sync: true });
  writer.write(RECORD);
  await Deno.truncate(path);
  writer.write(RECORD);
  assertEquals(textOf(path), "HEAD\nrecord\n");
  assertEquals(writer.said, [
    `${path} was truncated by another program; new records follow what is left`,
  ]);
});

Deno.test("A path that is no longer a capture file is not written to until it is one again", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  const options = { path, sync: true, format: "pcap", linkType: "raw" } as const;
  await using writer = await openPcapWriter(options, () => {});
  Deno.writeTextFileSync(path, "a short text");
  assertThrows(() => writer.write(RECORD, 1), OutputError, "it is not a pcap file");
  assertEquals(textOf(path), "a short text");
  await Deno.truncate(path);
  writer.write(new Uint8Array(16).fill(0), 0);
  assertEquals(Deno.statSync(path).size, 40);
});

Deno.test("A line without its end gets one, also where the file is reopened", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.writeTextFile(path, "half");
  const options = {
    path,
    sync: true,
    dialect: "ulogd2",
    logOptions: [],
    timeFormat: "syslog",
    hostname: "h",
  } as const;
  await using writer = await openTextFile(options, () => {});
  assertEquals(textOf(path), "half\n");
  await Deno.rename(path, `${path}.1`);
  await Deno.writeTextFile(path, "other half");
  await writer.reopen?.();
  writer.write(RECORD, 1);
  assertEquals([textOf(path), textOf(`${path}.1`)], ["other half\nrecord\n", "half\n"]);
});

Deno.test("A path that cannot be reopened leaves the file before in use", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await using writer = await open({ path, sync: true });
  await Deno.rename(path, `${path}.1`);
  await Deno.mkdir(path);
  assertThrows(() => writer.reopen(), OutputError, "it is a folder, not a file; name a file in it");
  writer.write(RECORD);
  assertEquals(textOf(`${path}.1`), "HEAD\nrecord\n");
});

Deno.test("A file of an earlier period ends with the first write after a restart", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.writeTextFile(path, "HEAD\nold\n");
  await Deno.utime(path, 1_700_000_000, 1_700_000_000);
  await using writer = await open({ path, sync: true, rotateSeconds: 86_400 });
  assertEquals(namesIn(folder.path), ["f"]);
  writer.write(RECORD);
  writer.write(RECORD);
  assertEquals(textOf(path), "HEAD\nrecord\nrecord\n");
  const [, ended] = namesIn(folder.path);
  assertEquals(textOf(`${folder.path}/${ended}`), "HEAD\nold\n");
});

Deno.test("A pipe cannot be ended, and its free space not be seen", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/pipe`;
  await must(["mkfifo", path]);
  for (const option of [{ rotateSize: 4096 }, { freeSpace: 4096 }]) {
    await assertRejects(
      () => open({ path, sync: true, ...option }),
      OutputError,
      "a pipe cannot be rotated; leave out rotate_size, rotate_seconds and free_space",
    );
  }
});

Deno.test({
  name: `Another user's file in a shared folder is not opened${IS_ROOT ? "" : " (needs root)"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o1777);
    for (const [name, make] of [["f", "touch"], ["pipe", "mkfifo"]] as const) {
      const path = `${folder.path}/${name}`;
      await must([make, path]);
      await must(["chown", "65534", path]);
      const error = await assertRejects(() => open({ path, sync: true }), OutputError);
      assert(error.message.includes("where every user may create one"), error.message);
      assertEquals(Deno.statSync(path).size, 0);
    }
    // A file of the folder's owner is opened.
    const own = `${folder.path}/own`;
    await Deno.writeTextFile(own, "HEAD\n");
    await using writer = await open({ path: own, sync: true });
    writer.write(RECORD);
    assertEquals(textOf(own), "HEAD\nrecord\n");
  },
});

Deno.test("A link that leads nowhere, and a path that names no file any more", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/f`;
  await Deno.symlink(`${folder.path}/nothing`, path);
  await assertRejects(
    () => open({ path, sync: true }),
    OutputError,
    "it is a symbolic link that leads to nothing; make that file, or remove the link",
  );
  await Deno.remove(path);
  await using writer = await open({ path, sync: true });
  await Deno.remove(path);
  await must(["mkfifo", path]);
  assertThrows(
    () => writer.reopen(),
    OutputError,
    "it is a named pipe, not a file; remove it, or choose another path",
  );
});
