import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { canRun, deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords } from "./nfscribe.ts";
import { IS_ROOT } from "./plain_user.ts";
import { flood } from "./traffic.ts";

const CONTAINED: readonly string[] = ["python3", `${ROOT}tests/kernel/container_filter.py`];
const IS_CONTAINED = IS_ROOT && canRun(...CONTAINED, "true");

Deno.test(
  "the tests' container has and denies the same as Docker's (needs root, libseccomp, python3)",
  { ignore: !IS_CONTAINED },
  async () => {
    const { stdout } = await run([...CONTAINED, "grep", "CapEff", "/proc/self/status"]);
    // Capabilities of `docker run` (00000000a80425fb), and CAP_NET_ADMIN.
    assertEquals(stdout, "CapEff:\t00000000a80435fb\n");
    const denied = [["unshare", "--user", "true"], ["unshare", "--net", "true"], ["dmesg"]];
    for (const command of denied) {
      const { code, stderr } = await run([...CONTAINED, ...command]);
      assertNotEquals(code, 0);
      assertStringIncludes(stderr, "Operation not permitted");
    }
  },
);

/** Reads the status of a process. */
function statusOf(pid: string): Record<string, string> {
  const lines = (readProcFile(`/proc/${pid}/status`) ?? "").split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/:\s*/) as [string, string]));
}

/** Returns the children of a process. */
function childrenOf(parent: string): string[] {
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name) && statusOf(name).PPid === parent);
}

for (const user of ["", 'user = "nobody"\n']) {
  const name = user === "" ? "as root" : "as root, which changes to nobody";
  Deno.test(
    `nfscribe runs in a container with default rights and CAP_NET_ADMIN, ${name} (needs root, nft, libseccomp, python3)`,
    { ignore: !IS_CONTAINED || !HAS_NFT },
    async () => {
      await using folder = await temporaryFolder();
      await Deno.chmod(folder.path, 0o777);
      await using _rules = await nft([["output", "udp dport 9 log group 710"]]);
      const path = `${folder.path}/nfscribe.toml`;
      await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
      await Deno.writeTextFile(
        path,
        `${user}[[source]]\ntype = "nflog"\ngroup = 710\nqueue_timeout_ms = 10\n` +
          `[filter]\nscript = "filter.ts"\n[output.pcap]\npath = "a.pcap"\n`,
      );
      const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys"];
      const [program, ...args] = [
        ...CONTAINED,
        ...deno(...rights, `${ROOT}main.ts`, "run", "-c", path),
      ];
      const child = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
      let said = "";
      let sandboxes: Record<string, string>[] = [];
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        said += text;
        if (!text.includes("started")) continue;
        sandboxes = childrenOf(`${child.pid}`).map(statusOf);
        await flood(500);
        await until(
          "all is written",
          async () => await countRecords(`${folder.path}/a.pcap`).catch(() => 0) === 500,
          5000,
        )
          .catch(() => {});
        child.kill("SIGTERM");
      }
      assertEquals((await child.status).code, 0, said);
      assertEquals(await countRecords(`${folder.path}/a.pcap`), 500);
      assertEquals(sandboxes.length, 1);
      const { Uid, CapPrm, CapEff, CapBnd, NoNewPrivs, Seccomp_filters: filters } = sandboxes[0]!;
      const none = "0000000000000000";
      assertEquals([Uid, CapPrm, CapEff], [Array(4).fill("65534").join("\t"), none, none]);
      assertEquals([CapBnd === none || user !== "", NoNewPrivs], [true, "1"]);
      // Filters of the container and of the sandbox; kernels before 5.9 do not count them.
      assertEquals(filters ?? "2", "2");
    },
  );
}
