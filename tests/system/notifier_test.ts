import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { closeDescriptor } from "../../ffi/descriptor.ts";
import { makeMemoryFile } from "../../ffi/memory_file.ts";
import { monotonicMicroseconds } from "../../ffi/clock.ts";
import { Notifier } from "../../src/systemd/notifier.ts";
import { Manager } from "./manager.ts";
import { ROOT, run, temporaryFolder } from "./process.ts";

function fail(message: string): never {
  throw new Error(message);
}

Deno.test("a notifier notifies the manager in sd_notify's format", async () => {
  await using manager = new Manager();
  await using notifier = Notifier.open(manager.address, fail);
  assert(notifier.isActive);
  notifier.ready("2 sources");
  const before = monotonicMicroseconds();
  notifier.reloading();
  notifier.ready();
  notifier.status("a\nREADY=1\x1b[1m b");
  notifier.watchdog();
  notifier.mainPid(4711);
  notifier.stopping("bye");
  const notices = manager.hear();
  const { MONOTONIC_USEC, ...reloading } = notices[1]!;
  assert(BigInt(MONOTONIC_USEC!) >= before && BigInt(MONOTONIC_USEC!) <= monotonicMicroseconds());
  assertEquals([notices[0], reloading, ...notices.slice(2)], [
    { READY: "1", STATUS: "2 sources" },
    { RELOADING: "1" },
    { READY: "1" },
    { STATUS: "a READY=1 [1m b" },
    { WATCHDOG: "1" },
    { MAINPID: "4711" },
    { STOPPING: "1", STATUS: "bye" },
  ]);
});

Deno.test("a notifier stores and removes a descriptor", async () => {
  await using manager = new Manager();
  await using notifier = Notifier.open(manager.address, fail);
  const file = makeMemoryFile("test");
  notifier.store("nflog-1", file);
  closeDescriptor(file);
  assertEquals(manager.hear(), [{ FDSTORE: "1", FDNAME: "nflog-1", FDPOLL: "0" }]);
  assertEquals([...manager.store.keys()], ["nflog-1"]);
  notifier.remove("nflog-1");
  manager.hear();
  assertEquals(manager.store.size, 0);
});

Deno.test("a notifier reaches a manager at a path", async () => {
  await using folder = await temporaryFolder();
  await using manager = new Manager(`${folder.path}/notify`);
  await using notifier = Notifier.open(manager.address, fail);
  notifier.ready();
  assertEquals(manager.hear(), [{ READY: "1" }]);
});

Deno.test("a missing manager is logged once, and is no reason to stop", async () => {
  const warnings: string[] = [];
  await using notifier = Notifier.open("@nfscribe-test-nobody", (text) => warnings.push(text));
  notifier.watchdog();
  notifier.ready();
  notifier.status("still here");
  assertEquals(warnings.length, 1);
  assertStringIncludes(warnings[0]!, "Cannot notify the service manager: ");
});

Deno.test("a slow manager does not delay the watchdog", async () => {
  await using manager = new Manager();
  await using notifier = Notifier.open(manager.address, fail);
  const start = performance.now();
  for (let count = 0; count < 1000; count++) notifier.watchdog();
  assert(performance.now() - start < 900);
  assert(manager.hear().length < 1000, "its queue was full");
});

Deno.test("without a manager a notifier needs no right at all", async () => {
  const code = `import { Notifier } from "${ROOT}src/systemd/notifier.ts";
    import { takeServiceEnvironment } from "${ROOT}src/systemd/environment.ts";
    const notifier = Notifier.open(takeServiceEnvironment().notifySocket, console.error);
    notifier.ready(); notifier.reloading(); notifier.store("a", 1); notifier.watchdog();
    console.log(notifier.isActive);`;
  const { stdout, stderr } = await run([Deno.execPath(), "run", "--no-prompt", "-q", "-"], code);
  assertEquals([stdout, stderr], ["false\n", ""]);
});
