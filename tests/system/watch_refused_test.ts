import { assertEquals, assertStringIncludes } from "@std/assert";
import { StatsServer } from "../../src/daemon/telemetry/stats_server.ts";
import { deno, ROOT, run, temporaryFolder } from "./process.ts";

/** Runs `nfscribe watch` with the rights that it needs. */
function watch(...args: readonly string[]) {
  return run(deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, "watch", ...args));
}

Deno.test("An nfscribe that does not run, or is too old to be watched, is named", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/old.sock`;
  const none = await watch("--socket", socket);
  assertEquals(none.code, 1);
  assertStringIncludes(
    none.stderr,
    `Cannot watch at ${socket}: no process listens there; is nfscribe running`,
  );
  // One that reads no such request.
  using _old = await StatsServer.open(socket, () => ({ sources: {}, filter: {}, outputs: {} }));
  const old = await watch("--socket", socket);
  assertEquals(old.code, 1);
  assertStringIncludes(
    old.stderr,
    `Cannot watch at ${socket}: process ${Deno.pid} does not answer. It is an older nfscribe, or in`,
  );
});
