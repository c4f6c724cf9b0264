import { assertEquals } from "@std/assert";
import { threadStatus } from "../../ffi/threads.ts";

const STATUS = `Name:\tV8 Worker: 1
Uid:\t0\t1\t2\t3
Gid:\t4\t5\t6\t7
Groups:\t4 20 
NStgid:\t99
CapInh:\t0000000000000001
CapPrm:\t000001fffeffffff
CapEff:\t0000000000000000
CapBnd:\t000001fffeffffff
CapAmb:\t0000020000000000
NoNewPrivs:\t1
`;

Deno.test("threadStatus() reads users, groups, and all capabilities of a thread", () => {
  assertEquals(threadStatus(STATUS), {
    name: "V8 Worker: 1",
    uids: [0, 1, 2, 3],
    gids: [4, 5, 6, 7],
    groups: [4, 20],
    capabilities: 0x3fffeffffffn,
    noNewPrivileges: true,
  });
});

Deno.test("threadStatus() of a thread without other groups and rights", () => {
  const status = STATUS.replace("4 20", "").replaceAll(/(Cap...:\t).*/g, "$10").replace(
    /1\n$/,
    "0\n",
  );
  const { groups, capabilities, noNewPrivileges } = threadStatus(status);
  assertEquals([groups, capabilities, noNewPrivileges], [[], 0n, false]);
});
