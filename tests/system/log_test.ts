import { assertEquals, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { LogFile } from "../../src/log/log_file.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "./process.ts";

const PROGRAM = `
import { openLog } from "${ROOT}src/cli/log.ts";
const log = await openLog({ file: "-", level: "info", format: "text" });
log.warn("hello");
`;

Deno.test("The log's file is made with mode 0640, and reopened after it was moved", async () => {
  await using folder = await temporaryFolder();
  const [path, old] = [`${folder.path}/n.log`, `${folder.path}/n.log.1`];
  using log = new LogFile(path);
  assertEquals((await Deno.stat(path)).mode! & 0o137, 0);
  log.write("one\n");
  await Deno.rename(path, old);
  log.write("two\n");
  log.reopen();
  log.write("three\n");
  assertEquals(await Deno.readTextFile(old), "one\ntwo\n");
  assertEquals(await Deno.readTextFile(path), "three\n");
  await Deno.rename(path, `${path}.2`);
  await Deno.mkdir(path);
  assertThrows(() => log.reopen(), OutputError, `Cannot open the log ${path}: `);
  log.write("four\n");
  assertEquals(await Deno.readTextFile(`${path}.2`), "three\nfour\n");
});

const IS_ROOT = canRun("sh", "-c", "test $(id -u) = 0");
const MAY_MOUNT = canRun("unshare", "--user", "--map-root-user", "--mount", "true");

Deno.test({
  name: `On a full disk the log loses whole lines, and goes on when there is room${
    MAY_MOUNT ? "" : " (needs a mount namespace)"
  }`,
  ignore: !MAY_MOUNT,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/d/n.log`;
    await Deno.mkdir(`${folder.path}/d`);
    const program = `${folder.path}/fill.ts`;
    await Deno.writeTextFile(
      program,
      `import { openLog } from "${ROOT}src/cli/log.ts";
const path = "${file}";
const log = await openLog({ file: path, level: "info", format: "text" });
for (let n = 0; n < 2000; n++) log.info("x".repeat(100), { n });
await Deno.remove("${folder.path}/d/ballast");
log.info("room again");
const lines = (await Deno.readTextFile(path)).trimEnd().split("\\n");
console.log(lines.at(-1), lines.at(-2).replace(/records \\d+/, "records N"));
console.log(lines.filter((line) => !/^nfscribe: /.test(line)).length);
`,
    );
    const mount = `mount -t tmpfs -o size=128k tmpfs ${folder.path}/d && ` +
      `head -c 65536 /dev/zero > ${folder.path}/d/ballast && exec "$@"`;
    const inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"];
    const config = `--config=${ROOT}deno.json`;
    const said = await must([...inside, ...deno("--allow-read", "--allow-write", config, program)]);
    assertEquals(said.split("\n"), [
      "nfscribe: room again nfscribe: warn: Records of the log are missing here: No space left " +
      `on device (file ${file}, records N)`,
      "0",
      "",
    ]);
  },
});

Deno.test("Lines begin with their priority if the journal reads standard error", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/err`;
  const sh = (stream: string) => [
    "sh",
    "-c",
    `exec 2>"$0"; JOURNAL_STREAM=${stream} exec "$@"`,
    file,
  ];
  const stream = `$(stat -L -c %d:%i /proc/self/fd/2)`;
  const start = async (stream: string, ...rights: string[]) => {
    await run([...sh(stream), ...deno(...rights, "-")], PROGRAM);
    return await Deno.readTextFile(file);
  };
  const right = "--allow-env=JOURNAL_STREAM";
  assertEquals(await start(stream, right), "<4>nfscribe: warn: hello\n");
  assertEquals(await start("1:2", right), "nfscribe: warn: hello\n");
  assertEquals(await start(stream), "nfscribe: warn: hello\n");
});

Deno.test("The log is a regular file: no pipe, and no link in a shared folder", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/n.log`;
  const refused = (problem: string) => {
    const error = assertThrows(() => new LogFile(path), OutputError);
    assertEquals(error.message, `Cannot open the log ${path}: ${problem}`);
  };
  assertThrows(
    () => new LogFile(`${folder.path}/none/n.log`),
    OutputError,
    `Cannot open the log ${folder.path}/none/n.log: its folder does not exist; make it first: ` +
      `mkdir -p ${folder.path}/none/`,
  );
  // The pipe has no reader: opening it would wait for ever.
  await must(["mkfifo", path]);
  refused("it is a named pipe, not a file; remove it, or choose another path");
  await Deno.remove(path);
  await Deno.writeTextFile(`${folder.path}/precious`, "");
  await Deno.symlink(`${folder.path}/precious`, path);
  {
    // The administrator's own link is followed.
    using log = new LogFile(path);
    log.write("one\n");
  }
  assertEquals(await Deno.readTextFile(`${folder.path}/precious`), "one\n");
  await Deno.chmod(folder.path, 0o1777);
  refused(
    `it is a symbolic link in ${folder.path}/, where every user may create one; name the file that is meant`,
  );
  await Deno.remove(path);
  using log = new LogFile(path);
  await Deno.remove(path);
  await must(["mkfifo", path]);
  assertThrows(() => log.reopen(), OutputError, "it is a named pipe, not a file");
  log.write("goes on\n");
});

Deno.test({
  name: `Another user's log in a shared folder is not written to${IS_ROOT ? "" : " (needs root)"}`,
  ignore: !IS_ROOT,
  async fn() {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/n.log`;
    await Deno.chmod(folder.path, 0o1777);
    await Deno.writeTextFile(path, "");
    await must(["chown", "65534", path]);
    assertThrows(() => new LogFile(path), OutputError, "where every user may create one");
    assertEquals(Deno.statSync(path).size, 0);
  },
});
