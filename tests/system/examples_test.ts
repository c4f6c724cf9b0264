import { assertEquals } from "@std/assert";
import { deno, ROOT, run } from "./process.ts";

for (const { name } of Deno.readDirSync(`${ROOT}examples`)) {
  if (!name.endsWith(".toml")) continue;
  Deno.test(`examples/${name} is a configuration that nfscribe takes`, async () => {
    const command = deno(
      "--allow-ffi",
      "--allow-read",
      "--allow-sys=hostname",
      `${ROOT}main.ts`,
      "check",
      "-c",
      `${ROOT}examples/${name}`,
    );
    const { code, stdout, stderr } = await run(command);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.split("\n")[0], `${ROOT}examples/${name}: ok`);
  });
}
