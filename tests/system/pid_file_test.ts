import { assertEquals, assertThrows } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { PidFile } from "../../src/systemd/pid_file.ts";
import { deno, must, ROOT, run, temporaryFolder } from "./process.ts";

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
    deno(`--allow-read=${path}`, `--allow-write=${path}`, "-"),
    code,
  );
  assertEquals(stderr, "");
  assertEquals(
    stdout,
    `Cannot use ${path} as the PID file: process ${Deno.pid} holds it; stop that one, or choose another file\n`,
  );
  assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
});

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
