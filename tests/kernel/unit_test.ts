import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { canRun, deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { flood } from "./traffic.ts";

const UNIT = `${ROOT}packaging/nfscribe.service`;
const FILTERED: readonly string[] = ["python3", `${ROOT}tests/kernel/unit_filter.py`, UNIT];
const HAS_ANALYZE = canRun("systemd-analyze", "security", "--offline=true", UNIT);
const HAS_FILTER = HAS_ANALYZE && canRun(...FILTERED, "true");

Deno.test("the unit is as closed as docs/systemd.md says (needs systemd-analyze)", {
  ignore: !HAS_ANALYZE,
}, async () => {
  const command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", UNIT];
  const { code, stdout } = await run(command);
  assertEquals(code, 0, stdout);
});

Deno.test(
  "the unit's filter of system calls denies what it should (needs systemd-analyze, libseccomp, python3)",
  {
    ignore: !HAS_FILTER,
  },
  async () => {
    await using folder = await temporaryFolder();
    for (const command of [["chown", "1", folder.path], ["chroot", "/", "true"]]) {
      const { code, stderr } = await run([...FILTERED, ...command]);
      assertNotEquals(code, 0);
      assertStringIncludes(stderr, "Operation not permitted");
    }
  },
);

Deno.test(
  "nfscribe runs under the unit's filter of system calls (needs nft, systemd-analyze, libseccomp, python3)",
  {
    ignore: !HAS_FILTER || !HAS_NFT,
  },
  async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([["output", "udp dport 9 log group 708"]]);
    const path = `${folder.path}/nfscribe.toml`;
    await Deno.writeTextFile(`${folder.path}/filter.ts`, "export default () => true;\n");
    await Deno.writeTextFile(
      path,
      `[[source]]\ntype = "nflog"\ngroup = 708\nqueue_timeout_ms = 10\n[filter]\nscript = "filter.ts"\n` +
        `[output.pcap]\npath = "a.pcap"\nrotate_size = 4096\ncompress = "gzip"\n` +
        `[output.logemu]\npath = "a.log"\n[log]\nformat = "json"\n`,
    );
    const rights = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys", "--allow-run"];
    const [program, ...args] = [
      ...FILTERED,
      ...deno(...rights, `${ROOT}main.ts`, "run", "-c", path),
    ];
    const child = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
    let said = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (!text.includes('"started"')) continue;
      await flood(250);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await flood(250);
      await until("a file is ended and compressed", () => hasCompressed(folder.path));
      child.kill("SIGHUP");
      child.kill("SIGTERM");
    }
    assertEquals((await child.status).code, 0, said);
    const stopped = said.split("\n").find((line) => line.includes('"stopped"'))!;
    const { counters: { outputs } } = JSON.parse(stopped);
    assertEquals([outputs.pcap.written, outputs.logemu.written], [500, 500]);
  },
);

async function hasCompressed(folder: string): Promise<boolean> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.some(({ name }) => name.endsWith(".gz"));
}
