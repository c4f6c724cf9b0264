import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ThreadStatus } from "../../ffi/threads.ts";
import { findings } from "../../src/privileges/privileges.ts";

const EXPECTED = { uid: 990, gid: 991, groups: [991, 4] };

/** Thread without rights. */
const good: ThreadStatus = {
  name: "deno",
  uids: [990, 990, 990, 990],
  gids: [991, 991, 991, 991],
  groups: [991, 4],
  capabilities: 0n,
  noNewPrivileges: true,
};

Deno.test("threads that all changed to the user are accepted", () => {
  assertEquals(findings([good, good], [], EXPECTED), { warnings: [] });
});

Deno.test("one thread that keeps a former user, group or supplementary group is a failure", () => {
  const bad: ThreadStatus[] = [
    { ...good, name: "saved user", uids: [990, 990, 0, 990] },
    { ...good, name: "file system group", gids: [991, 991, 991, 0] },
    { ...good, name: "other group", groups: [991, 0] },
  ];
  for (const thread of bad) {
    const { failure } = findings([good, thread, good], [], EXPECTED);
    assertEquals(failure, `thread ${thread.name} did not`);
  }
});

Deno.test("groups of a process that was started as the user are not checked", () => {
  const own = { ...good, groups: [0, 4711] };
  assertEquals(findings([own], [], { ...EXPECTED, groups: undefined }), { warnings: [] });
});

Deno.test("rights that can be regained, or cannot be checked, are a failure", () => {
  assertEquals(
    findings([good], ["setresuid(0, 0, 0)"], EXPECTED).failure,
    "setresuid(0, 0, 0) succeeded after",
  );
  assertEquals(findings([], [], EXPECTED).failure, "/proc does not show the rights of threads");
});

Deno.test("threads with capabilities or without no_new_privs are reported", () => {
  const capable = { ...good, capabilities: 1n };
  const loose = { ...good, noNewPrivileges: false };
  const { failure, warnings } = findings([good, capable, loose, loose], [], EXPECTED);
  assertEquals([failure, warnings.length], [undefined, 2]);
  assertStringIncludes(warnings[0]!, "1 of 4 threads keep capabilities");
  assertStringIncludes(warnings[1]!, "2 of 4 threads lack no_new_privs");
});
