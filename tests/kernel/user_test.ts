import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { canRun, must, temporaryFolder, until } from "../system/process.ts";
import { messages } from "./filters.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords, startNfscribeWith } from "./nfscribe.ts";
import { MAY_READ_PROJECT } from "./plain_user.ts";
import { sendUdp } from "./traffic.ts";

/** Whether this is root that can change to any user. */
const HAS_ALL_USERS = canRun("sh", "-c", 'grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map');
const [USER, GROUP] = [64321, 64322];

Deno.test(
  "nfscribe run changes to the user of the configuration, and SIGHUP still works (needs root, nft, and a project that any user may read)",
  {
    ignore: !HAS_NFT || !HAS_ALL_USERS || !MAY_READ_PROJECT,
  },
  async () => {
    await using folder = await temporaryFolder();
    const { path } = folder;
    await Deno.chmod(path, 0o755);
    await Deno.mkdir(`${path}/out`);
    await Deno.chown(`${path}/out`, USER, GROUP);
    const file = `${path}/nfscribe.toml`;
    const source = (group: number) =>
      `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 200\n`;
    const rest = `[output.pcap]\npath = "out/t.pcap"\n[log]\nformat = "json"\n`;
    const text = (group: number) => `user = ${USER}\ngroup = ${GROUP}\n${source(group)}${rest}`;
    await Deno.writeTextFile(file, text(975));
    await using _rules = await nft([["output", "udp dport 9 log group 975"]]);
    await using nfscribe = await startNfscribeWith([], "-c", file);

    const threads = await must(["sh", "-c", `cat /proc/${nfscribe.pid}/task/*/status`]);
    for (const line of threads.match(/^(Uid|Gid|CapEff|CapPrm|NoNewPrivs):.*$/gm)!) {
      assertMatch(line, /^(Uid:(\s+64321){4}|Gid:(\s+64322){4}|Cap\w+:\s+0{16}|NoNewPrivs:\s+1)$/);
    }
    sendUdp(10);
    await until("they are there", () => hasRecords(`${path}/out/t.pcap`, 10));
    const { uid, mode } = await Deno.stat(`${path}/out/t.pcap`);
    assertEquals([uid, mode! & 0o777], [USER, 0o640]);

    await Deno.rename(`${path}/out/t.pcap`, `${path}/out/old.pcap`);
    nfscribe.kill("SIGHUP");
    sendUdp(10);
    await until(
      "they are in a new file",
      async () => await countRecords(`${path}/out/t.pcap`).catch(() => 0) === 10,
    );
    // A source needs rights that were dropped: it is refused before anything is closed.
    await Deno.writeTextFile(file, text(976));
    nfscribe.kill("SIGHUP");
    await until("it is refused", () => nfscribe.said.includes("was not replaced"));
    // Packets that the kernel has collected arrive with its timeout: they can no longer be
    // requested.
    sendUdp(10);
    nfscribe.kill("SIGTERM");
    const { code, counters, stderr } = await nfscribe.ended();
    assertEquals([code, counters.outputs.pcap!.written], [0, 30]);
    const said = messages(stderr).join("\n");
    assertStringIncludes(said, "source nflog:976 is new or changed");
  },
);

Deno.test("an unknown user is status 2, before anything is opened", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `user = "nobody-of-that-name"\n[[source]]\ntype = "nflog"\ngroup = 977\n[output.pcap]\npath = "t.pcap"\n`,
  );
  const error = await startNfscribeWith([], "-c", file).catch(String);
  assertStringIncludes(String(error), "ended with status 2");
  assertStringIncludes(String(error), 'user: there is no user "nobody-of-that-name"');
});
