import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { WatchClient } from "../../src/handover/watch_client.ts";
import { deno, ROOT, run, temporaryFolder, until } from "../system/process.ts";
import { start } from "../system/terminal.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, startNfscribeWith, writeConfig } from "./nfscribe.ts";
import { AS_USER, IS_ROOT, MAY_READ_PROJECT, USER } from "./plain_user.ts";
import { flood, sendUdp } from "./traffic.ts";

const needsNft = { ignore: !HAS_NFT };

/** Returns the command line of `nfscribe watch` with the rights that it needs. */
function watch(...args: readonly string[]): string[] {
  return deno("--allow-ffi", "--allow-read", `${ROOT}main.ts`, "watch", ...args);
}

/** Starts nfscribe with a socket for counters. */
async function startWatched(folder: string, groups: readonly number[], more = "") {
  const [config, socket] = [`${folder}/nfscribe.toml`, `${folder}/run.sock`];
  const pcap = `${folder}/t.pcap`;
  await writeConfig(config, { groups, pcap, source: "queue_timeout_ms = 10" });
  await Deno.writeTextFile(config, `[stats]\nsocket = "run.sock"\n${more}`, { append: true });
  const running = await startNfscribeWith([`--allow-net=unix:${socket}`], "-c", config);
  return { config, socket, pcap, running };
}

Deno.test({
  name:
    "nfscribe watch --running shows what a running nfscribe receives, which takes nothing from it (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([
      ["output", 'udp dport 9 log prefix "drop nine" group 971'],
      ["output", "udp dport 10 log group 972"],
    ]);
    const actions = '[actions]\n"drop*" = "drop"\n';
    const { config, socket, pcap, running } = await startWatched(folder.path, [971, 972], actions);
    await using _running = running;
    sendUdp(1, 20);
    // Named, and found by the configuration alone.
    for (const how of [["--running", "-c", config], ["-c", config]]) {
      await using watching = start(watch(...how, "--json", "--count", "3", "udp and not less 50"));
      await watching.says(`watching process ${running.pid} at ${socket}; Ctrl-C ends it`);
      sendUdp(2, 30);
      sendUdp(1, 10, 10);
      sendUdp(1, 40, 10);
      const { code, stdout, stderr } = await watching.ended();
      assertEquals(code, 0, stderr);
      const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(
        records.map(({ group, out, prefix, action, destinationPort, length }) => [
          ...[group, out, prefix, action, destinationPort, length],
        ]).sort((a, b) => a[0] - b[0]),
        [
          [971, "lo", "drop nine", "drop", 9, 58],
          [971, "lo", "drop nine", "drop", 9, 58],
          [972, "lo", undefined, undefined, 10, 68],
        ],
      );
      assertMatch(stderr, /nfscribe: received [34], shown 3, not chosen [01], lost 0\n$/);
    }
    running.kill("SIGTERM");
    const { counters } = await running.ended();
    const received = Object.values(counters.sources).map(({ received }) => received);
    assertEquals([received, counters.outputs.pcap!.written], [[5, 4], 9]);
    assertEquals(await countRecords(pcap), 9);
  },
});

Deno.test({
  name:
    "A client that reads nothing holds nothing up, and what it does not get is counted exactly (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using rules = await nft([["output", "udp dport 9 counter log group 973"]]);
    const { config, running } = await startWatched(folder.path, [973]);
    await using _running = running;
    await using stuck = start(watch("--running", "-c", config));
    await stuck.says("watching process");
    stuck.kill("SIGSTOP");
    await flood(30_000);
    await until("all are counted", async () => {
      const { stdout } = await run(stats(folder.path));
      const { received, lost } = JSON.parse(stdout).sources["nflog:973"];
      return received + lost === 30_000;
    });
    stuck.kill("SIGCONT");
    // There is room for it once the client has taken what waited.
    let further = 0;
    await until("a new one is shown", () => {
      if (stuck.said.stdout.includes("length=528")) return true;
      sendUdp(1, 500);
      further++;
      return false;
    });
    running.kill("SIGTERM");
    const { counters } = await running.ended();
    const { code, stdout, stderr } = await stuck.ended();
    assertEquals(code, 1, stderr);
    const figures = /received ([\d,]+), shown ([\d,]+), not shown ([\d,]+), lost ([\d,]+)\n/
      .exec(stderr)!.slice(1).map((text) => Number(text.replaceAll(",", "")));
    const { received, lost } = counters.sources["nflog:973"]!;
    const shown = stdout.trimEnd().split("\n").length;
    assertEquals(figures, [received, shown, received - shown, lost]);
    assert(shown < 30_000 && shown > 0, `${shown}`);
    assertEquals([await rules.count(), counters.outputs.pcap!.written], [
      30_000 + further,
      received,
    ]);
  },
});

function stats(folder: string): string[] {
  const socket = `${folder}/run.sock`;
  const rights = [
    `--allow-net=unix:${socket}`,
    `--allow-read=${socket}`,
    `--allow-write=${socket}`,
  ];
  return deno(...rights, `${ROOT}main.ts`, "stats", "--socket", socket, "--json");
}

Deno.test({
  name:
    "A reload's sources are shown, and so is the end of the nfscribe that is watched (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([
      ["output", "udp dport 9 log group 974"],
      ["output", "udp dport 10 log group 975"],
    ]);
    const { config, socket, running } = await startWatched(folder.path, [974]);
    await using _running = running;
    await using watching = start(watch("--running", "-c", config));
    await watching.says("watching process");
    sendUdp(1, 30);
    await watching.says("127.0.0.1:9 UDP length=58\n");
    const text = await Deno.readTextFile(config);
    await Deno.writeTextFile(
      config,
      text.replace(
        "[output",
        '[[source]]\ntype = "nflog"\ngroup = 975\nqueue_timeout_ms = 10\n[output',
      ),
    );
    running.kill("SIGHUP");
    await until("it is reloaded", () => running.said.includes("The configuration was replaced"));
    sendUdp(1, 31, 10);
    await watching.says("127.0.0.1:10 UDP length=59 group=975\n");
    running.kill("SIGTERM");
    const { code, stderr } = await watching.ended();
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `nfscribe: received 2, shown 2, lost 0\nnfscribe: The nfscribe that was watched has ended (${socket})\n`,
    );
  },
});

Deno.test({
  name:
    "Four clients watch at most, and nothing else may be named beside a running nfscribe (needs nft)",
  ...needsNft,
  fn: async () => {
    await using folder = await temporaryFolder();
    const { socket, running } = await startWatched(folder.path, [976]);
    await using _running = running;
    await using clients = new AsyncDisposableStack();
    for (let n = 0; n < 4; n++) clients.use((await WatchClient.open(socket))!);
    const fifth = await run(watch("--socket", socket));
    assertEquals(fifth.code, 1);
    assertEquals(
      fifth.stderr,
      `nfscribe: Cannot watch at ${socket}: 4 others watch already: end one of them\n`,
    );
    await clients.disposeAsync();
    await until("there is room again", async () => {
      try {
        await (await WatchClient.open(socket))![Symbol.asyncDispose]();
        return true;
      } catch {
        return false;
      }
    });
    const both = await run(watch("--running", "--group", "976"));
    assertEquals(both.code, 2);
    assertStringIncludes(
      both.stderr,
      "--running shows what another nfscribe receives; leave --group out",
    );
    const wrong = await run(watch("--socket", socket, "udp prot 9"));
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, 'did you mean "port"?\n  udp prot 9\n      ^^^^\n');
  },
});

Deno.test({
  name: "Only root and the user that runs nfscribe may watch it (needs nft, root)",
  ignore: !HAS_NFT || !IS_ROOT || !MAY_READ_PROJECT,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([["output", "udp dport 9 log group 977"]]);
    const { socket, running } = await startWatched(folder.path, [977]);
    await using _running = running;
    await Deno.chmod(folder.path, 0o755);
    const script = `${ROOT}tests/kernel/watch_client.ts`;
    const rights = ["--no-config", "--allow-ffi"];
    const asUser = [...AS_USER, "env", "DENO_DIR=/nonexistent", ...deno(...rights, script, socket)];
    const refused = async () => (await run(asUser)).stdout;
    assertEquals(
      await refused(),
      `Cannot watch at ${socket}: the system denies it to user ${USER}; ` +
        "only root and the user that runs nfscribe may watch\n",
    );
    // The other side looks at the user, too, whatever the socket's owner.
    await Deno.chown(socket, Number(USER), null);
    const why = `only root and user 0 may watch it, not user ${USER}`;
    assertEquals(await refused(), `Cannot watch at ${socket}: ${why}\n`);
    await until("it is logged", () => running.said.includes(`asks to watch: ${why}`));
  },
});
