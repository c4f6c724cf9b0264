import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, deno, must, ROOT, temporaryFolder } from "../system/process.ts";
import { CAN_LOG, folderWithFilter, IN_NAMESPACE, LOG_PINGS } from "./places.ts";

Deno.test("deno task bundle makes files that run without anything else", async (t) => {
  await using folder = await temporaryFolder();
  await using work = await folderWithFilter();
  const bundle = `${folder.path}/bundle`;
  await Deno.chmod(folder.path, 0o755);
  await must([
    ...deno("--allow-read", "--allow-write", "--allow-run"),
    `${ROOT}scripts/bundle.ts`,
    bundle,
  ]);
  const entry = `${bundle}/nfscribe.js`;
  // With an empty cache, and nowhere to fetch from.
  const alone = [IN_NAMESPACE, "env", "-C", work.path, `DENO_DIR=${folder.path}/cache`];

  await t.step("the command line, with no permission", async () => {
    const offline = [...alone.slice(1), ...deno("--no-remote", "--no-npm")];
    assertMatch(await must([...offline, entry, "--version"]), /^nfscribe \d+\.\d+\.\d+\n$/);
    assertStringIncludes(await must([...offline, entry, "run", "--help"]), "nfscribe run");
  });

  await t.step({
    name: "nfscribe try (needs a namespace)",
    ignore: !canRun(IN_NAMESPACE, "true"),
    fn: async () => {
      const words = ["try", "ip", "-brief", "link", "show", "up"];
      assertMatch(await must([...alone, ...deno("--allow-ffi"), entry, ...words]), /^lo /);
    },
  });

  await t.step({
    name: "a run with a filter, with the least rights (needs nft and a namespace)",
    ignore: !CAN_LOG,
    fn: async () => {
      const options = ["--group", "1", "--pcap", "a.pcap", "--filter", "filter.ts"];
      const look = deno("--allow-read", "--allow-env");
      const flags = await must([...alone, ...look, entry, "run", "--flags", ...options]);
      const rights = flags.trim().split("\n");
      assertEquals(rights.some((flag) => /^--allow-(read|write)$/.test(flag)), false, flags);
      const said = await must([...alone, LOG_PINGS, ...deno(...rights), entry, "run", ...options]);
      assertStringIncludes(said, "filter: NotCapable");
      assertStringIncludes(said, "outputs pcap: written 5,");
    },
  });
});
