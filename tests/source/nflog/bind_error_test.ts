import { assertEquals } from "@std/assert";
import {
  bindErrorMessage,
  type BindFacts,
  holderOf,
} from "../../../src/source/nflog/bind_error.ts";
import { hasNetAdmin } from "../../../src/source/net_admin.ts";

/** In the kernel's format: group, port id, queue length, mode, range, timeout, references. */
const HOLDERS = `    1   4242     0 2 65531     10  1
  100 4294963053     0 2   100     10  1
`;

/** From /proc/self/status; bit 12 is CAP_NET_ADMIN. */
const WITH_NET_ADMIN = "Name:\tdeno\nCapPrm:\t0000000000001000\nCapEff:\t0000000000001000\n";
const WITHOUT = "Name:\tdeno\nCapPrm:\t0000000000001000\nCapEff:\t000001ffffffefff\n";

const FACTS: BindFacts = {
  code: "EPERM",
  text: "operation not permitted (EPERM)",
  mayConfigure: false,
  pid: 77,
  holders: undefined,
  status: undefined,
  commandOf: () => undefined,
};

const MISSING = "Cannot bind NFLOG group 1: CAP_NET_ADMIN is missing; " +
  "run as root (or with that capability), " +
  "or try things out in a network namespace of your own with `nfscribe try COMMAND`";

Deno.test("holderOf() finds the port id that holds a group", () => {
  assertEquals(holderOf(HOLDERS, 1), 4242);
  assertEquals(holderOf(HOLDERS, 100), 4294963053);
  assertEquals(holderOf(HOLDERS, 10), undefined);
  assertEquals(holderOf(HOLDERS, 4242), undefined);
});

Deno.test("holderOf() does not take an empty line for group 0", () => {
  assertEquals(holderOf("", 0), undefined);
  assertEquals(holderOf("\n\n", 0), undefined);
  assertEquals(holderOf("    0   9     0 2 65531     10  1\n", 0), 9);
});

Deno.test("hasNetAdmin() looks at the effective set", () => {
  assertEquals(hasNetAdmin(WITH_NET_ADMIN), true);
  assertEquals(hasNetAdmin("CapEff:\t000001ffffffffff\n"), true);
  assertEquals(hasNetAdmin(WITHOUT), false);
  assertEquals(hasNetAdmin("CapEff:\t0000000000000000\n"), false);
  assertEquals(hasNetAdmin("Name:\tdeno\n"), false);
});

Deno.test("A group that another process holds: the message names port id and command", () => {
  assertEquals(
    bindErrorMessage(1, { ...FACTS, holders: HOLDERS, commandOf: (pid) => `ulogd-${pid}` }),
    "Cannot bind NFLOG group 1: another process holds it (port id 4242, ulogd-4242); " +
      "stop that process, or choose another group",
  );
  assertEquals(
    bindErrorMessage(1, { ...FACTS, holders: HOLDERS }),
    "Cannot bind NFLOG group 1: another process holds it (port id 4242); " +
      "stop that process, or choose another group",
  );
});

Deno.test("The message names a group that this process holds", () => {
  assertEquals(
    bindErrorMessage(1, { ...FACTS, code: "EBUSY", pid: 4242, holders: HOLDERS }),
    "Cannot bind NFLOG group 1: this process holds it already; " +
      "close that capture first, or choose another group",
  );
});

Deno.test("The message about a missing capability has advice", () => {
  assertEquals(bindErrorMessage(1, FACTS), MISSING);
  assertEquals(bindErrorMessage(1, { ...FACTS, status: WITHOUT, holders: "" }), MISSING);
});

Deno.test("The message about a capability in the wrong user namespace names the right one", () => {
  assertEquals(
    bindErrorMessage(1, { ...FACTS, status: WITH_NET_ADMIN, holders: "" }),
    "Cannot bind NFLOG group 1: CAP_NET_ADMIN is needed in the user namespace that owns this " +
      "network namespace; run nfscribe there, " +
      "or make a network namespace of your own with `nfscribe try COMMAND`",
  );
});

Deno.test("The message about a group with an unknown holder names the file to read", () => {
  for (const status of [undefined, WITH_NET_ADMIN, WITHOUT]) {
    assertEquals(
      bindErrorMessage(1, { ...FACTS, mayConfigure: true, status }),
      "Cannot bind NFLOG group 1: it is held already, by this process or another one " +
        "(root may read by which, in /proc/net/netfilter/nfnetlink_log); " +
        "stop that one, or choose another group",
    );
  }
});

Deno.test("A kernel without nfnetlink_log: the message names module and option", () => {
  for (const code of ["EINVAL", "EPROTONOSUPPORT"]) {
    assertEquals(
      bindErrorMessage(1, { ...FACTS, code, text: `some reason (${code})`, holders: HOLDERS }),
      `Cannot bind NFLOG group 1: this kernel has no nfnetlink_log (some reason (${code})); ` +
        "load it with `modprobe nfnetlink_log`, " +
        "or use a kernel with CONFIG_NETFILTER_NETLINK_LOG",
    );
  }
});

Deno.test("Any other error: the message has the system's words", () => {
  assertEquals(
    bindErrorMessage(1, { ...FACTS, code: "ENOMEM", text: "out of memory (ENOMEM)" }),
    "Cannot bind NFLOG group 1: out of memory (ENOMEM)",
  );
});
