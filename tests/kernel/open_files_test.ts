import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { deno, ROOT, run, temporaryFolder } from "../system/process.ts";
import { HAS_NFT } from "./firewall.ts";

const FLAGS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];

/** Starts a configuration with a limit of open files, and ends it after a second. */
async function start(limit: number) {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const config = `${path}/nfscribe.toml`;
  await Deno.writeTextFile(`${path}/filter.ts`, "export default () => true;\n");
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "nflog"\ngroups = [870, 871, 872, 873]\n` +
      `[filter]\nscript = "filter.ts"\nworkers = 3\n` +
      ["a", "b", "c"].map((name) => `[output.${name}]\ntype = "pcap"\npath = "${name}.pcap"\n`)
        .join(""),
  );
  const command = [...deno(...FLAGS, `${ROOT}main.ts`), "run", "-c", config];
  const script = 'ulimit -n "$0"; exec timeout --signal=TERM 4 "$@"';
  return await run(["sh", "-c", script, String(limit), ...command]);
}

Deno.test({
  name: `a limit of open files that is too low is named at the start${
    HAS_NFT ? "" : " (needs nft)"
  }`,
  ignore: !HAS_NFT,
  async fn() {
    let needed = 0;
    for (const limit of [24, 40, 60]) {
      const { code, stderr } = await start(limit);
      assertEquals(code, 1, stderr);
      assertMatch(stderr, /^nfscribe: Cannot start: this configuration needs up to \d+ open files/);
      assertStringIncludes(stderr, `and the limit is ${limit}; raise it with \`ulimit -n `);
      needed = Number(/up to (\d+)/.exec(stderr)![1]);
    }
    // What it names is enough.
    const { stderr } = await start(needed);
    assertStringIncludes(stderr, "nfscribe: started");
    assertStringIncludes(stderr, "nfscribe: stopped");
  },
});
