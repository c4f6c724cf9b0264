import { assertEquals, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { PidFile } from "../../src/systemd/pid_file.ts";
import { canRun, deno, must, ROOT, run, temporaryFolder } from "./process.ts";

Deno.test("a PID file exists from the readiness to the end, readable by every user", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.pid`;
  {
    using file = PidFile.claim(path);
    assertEquals(await Deno.readTextFile(path), "");
    file.write();
    assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o644);
  }
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
});

Deno.test("a PID file of a process that is gone is taken over, a long number is cut", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.pid`;
  await Deno.writeTextFile(path, "123456789012\n");
  using file = PidFile.claim(path);
  file.write();
  assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
});

Deno.test("a PID file that a process holds is refused, with its number", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.pid`;
  using file = PidFile.claim(path);
  file.write();
  const code = `import { PidFile } from "${ROOT}src/systemd/pid_file.ts";
    try { PidFile.claim("${path}"); } catch (error) { console.log(error.message); }`;
  const { stdout, stderr } = await run(
    deno("--allow-ffi", `--allow-read=${path}`, `--allow-write=${path}`, "-"),
    code,
  );
  assertEquals(stderr, "");
  assertEquals(
    stdout,
    `Cannot use ${path} as the PID file: process ${Deno.pid} holds it; stop that one, or choose another file\n`,
  );
  assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
});

Deno.test(
  "a PID file that another user only reads and locks is no obstacle (needs root, setpriv, flock)",
  {
    ignore: !canRun("setpriv", "--reuid=65534", "--clear-groups", "flock", "--version"),
  },
  async () => {
    await using folder = await temporaryFolder();
    await Deno.chmod(folder.path, 0o755);
    const path = `${folder.path}/nfscribe.pid`;
    await Deno.writeTextFile(path, "1\n", { mode: 0o644 });
    const other = new Deno.Command("setpriv", {
      args: [
        "--reuid=65534",
        "--clear-groups",
        "flock",
        path,
        "sh",
        "-c",
        "echo locked; read line",
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = other.stdout.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "locked\n");
    {
      using file = PidFile.claim(path);
      file.write();
      assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
      assertThrows(() => PidFile.claim(path), OutputError, `process ${Deno.pid} holds it`);
    }
    await other.stdin.close();
    await reader.cancel();
    await other.status;
  },
);

Deno.test("a PID file is no symbolic link, no pipe and no folder", async () => {
  await using folder = await temporaryFolder();
  const victim = `${folder.path}/victim`;
  await Deno.writeTextFile(victim, "precious");
  await Deno.symlink(victim, `${folder.path}/link`);
  await must(["mkfifo", `${folder.path}/pipe`]);
  for (
    const [path, problem] of [
      [`${folder.path}/link`, "it is a symbolic link"],
      [`${folder.path}/pipe`, "it is a named pipe, not a file"],
      [folder.path, "it is a folder"],
    ] as const
  ) assertThrows(() => PidFile.claim(path), OutputError, problem);
  assertEquals(await Deno.readTextFile(victim), "precious");
});

Deno.test("a PID file of another program in its place is left there", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/nfscribe.pid`;
  {
    using file = PidFile.claim(path);
    file.write();
    await Deno.remove(path);
    await Deno.writeTextFile(path, "1\n");
  }
  assertEquals(await Deno.readTextFile(path), "1\n");
});

Deno.test("a PID file without a folder is an error", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/absent/nfscribe.pid`;
  assertThrows(() => PidFile.claim(path), OutputError, "No such file");
});
