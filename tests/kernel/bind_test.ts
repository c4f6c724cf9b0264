import { fromFileUrl } from "../../src/text/file_url.ts";
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { type Capture, NetlinkError } from "nfscribe";
import { readProcFile } from "../../ffi/proc_file.ts";
import { canRun, deno, must, ROOT } from "../system/process.ts";
import { captureSoon } from "./traffic.ts";

/** Whether the holders of groups can be read: by root of the initial user namespace only. */
const KNOWS_HOLDERS = readProcFile("/proc/net/netfilter/nfnetlink_log") !== undefined;
const WITHOUT_RIGHT = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"];
const OTHER_NAMESPACE = ["unshare", "--user", "--map-root-user"];

/** Tries to capture a group and prints the error. */
function attempt(group: number): string {
  return `import { capture } from "${ROOT}mod.ts";
try {
  await using _ = await capture({ group: ${group}, onWarning() {} });
  console.log("bound");
} catch (error) {
  console.log(JSON.stringify({ message: error.message, ...error }));
}`;
}

/** Starts another process that holds a group. */
async function hold(group: number): Promise<{ pid: number } & AsyncDisposable> {
  const script = fromFileUrl(new URL("hold.ts", import.meta.url).href);
  const [command, ...args] = deno("--allow-ffi", script, String(group));
  const holder = new Deno.Command(command!, { args, stdin: "piped", stdout: "piped" }).spawn();
  const output = holder.stdout.getReader();
  assertEquals(new TextDecoder().decode((await output.read()).value), "bound\n");
  return {
    pid: holder.pid,
    async [Symbol.asyncDispose]() {
      await holder.stdin.close();
      await output.cancel();
      await holder.status;
    },
  };
}

Deno.test(
  "a group that this process holds already is refused, and the first capture continues (needs root)",
  {
    ignore: !KNOWS_HOLDERS,
  },
  async () => {
    await using _first: Capture = await captureSoon({ group: 501 });
    const error = await assertRejects(() => captureSoon({ group: 501 }), NetlinkError);
    assertEquals(
      error.message,
      "Cannot bind NFLOG group 501: this process holds it already; " +
        "close that capture first, or choose another group",
    );
    const { operation, errno, code, origin } = error;
    assertEquals({ operation, errno, code, origin }, {
      operation: "bind NFLOG group 501",
      errno: 1,
      code: "EPERM",
      origin: "reply",
    });
  },
);

Deno.test(
  "a group that another process holds is refused with its port id and command (needs root)",
  {
    ignore: !KNOWS_HOLDERS,
  },
  async () => {
    {
      await using holder = await hold(502);
      const error = await assertRejects(() => captureSoon({ group: 502 }), NetlinkError);
      assertEquals(
        error.message,
        `Cannot bind NFLOG group 502: another process holds it (port id ${holder.pid}, deno); ` +
          "stop that process, or choose another group",
      );
    }
    await (await captureSoon({ group: 502 })).close();
  },
);

Deno.test(
  "if the holders cannot be read, a group in use is named as a possible reason (needs a user namespace)",
  {
    ignore: KNOWS_HOLDERS,
  },
  async () => {
    await using _first: Capture = await captureSoon({ group: 503 });
    const error = await assertRejects(() => captureSoon({ group: 503 }), NetlinkError);
    assertMatch(error.message, /held already/);
  },
);

Deno.test("without CAP_NET_ADMIN the message contains that and a remedy (needs setpriv)", {
  ignore: !canRun(...WITHOUT_RIGHT, "true"),
}, async () => {
  const stdout = await must([...WITHOUT_RIGHT, ...deno("--allow-ffi", "-")], attempt(504));
  const { message, code, origin } = JSON.parse(stdout);
  assertEquals([code, origin], ["EPERM", "reply"]);
  assertEquals(
    message,
    "Cannot bind NFLOG group 504: CAP_NET_ADMIN is missing; run as root (or with that capability), " +
      "or try things out in a network namespace of your own with `nfscribe try COMMAND`",
  );
});

Deno.test(
  "with CAP_NET_ADMIN in the wrong user namespace the message contains that (needs unshare)",
  {
    ignore: !canRun(...OTHER_NAMESPACE, "true"),
  },
  async () => {
    const stdout = await must([...OTHER_NAMESPACE, ...deno("--allow-ffi", "-")], attempt(505));
    const { message, code } = JSON.parse(stdout);
    assertEquals(code, "EPERM");
    assertStringIncludes(
      message,
      "Cannot bind NFLOG group 505: CAP_NET_ADMIN is needed in the user namespace",
    );
  },
);

Deno.test("a scoped --allow-ffi is enough for a capture", async () => {
  const flag = (await must(
    ["sh", "-c", '"$@" 2>&1 || true', "sh", ...deno("-")],
    `
import { capture } from "${ROOT}mod.ts";
await capture({ group: 506 });`,
  )).match(/--allow-ffi=\S+/)![0];
  assertEquals(await must(deno(flag, "-"), attempt(506)), "bound\n");
});
