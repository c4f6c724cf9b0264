import { assertEquals } from "@std/assert";
import { realPlace } from "../../src/files/real_place.ts";
import { temporaryFolder } from "./process.ts";

Deno.test("realPlace() follows links as far as there is something", async () => {
  await using folder = await temporaryFolder();
  const path = await Deno.realPath(folder.path);
  await Deno.mkdir(`${path}/real`);
  await Deno.symlink("real", `${path}/link`);
  await Deno.symlink("/etc/passwd", `${path}/real/file`);
  assertEquals(realPlace(`${path}/link/new/x`), `${path}/real/new/x`);
  assertEquals(realPlace(`${path}/link/file`), await Deno.realPath("/etc/passwd"));
  assertEquals(realPlace(`${path}/none/../link/`), `${path}/real`);
  assertEquals([realPlace("/"), realPlace("/no-such-folder/x")], ["/", "/no-such-folder/x"]);
});
