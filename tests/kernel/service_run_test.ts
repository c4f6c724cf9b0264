/**
 * `nfscribe run` under a service manager with a descriptor store and a watchdog: a test double of
 * systemd's protocol.
 *
 * @module
 */

import { assert, assertEquals, assertLess } from "@std/assert";
import type { Counters } from "../../src/daemon/telemetry/ledger.ts";
import { HAS_BASH, Manager } from "../system/manager.ts";
import { deno, ROOT, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { countRecords, hasRecords } from "./nfscribe.ts";
import { sendUdp } from "./traffic.ts";

const VARIABLES =
  "NOTIFY_SOCKET,WATCHDOG_USEC,WATCHDOG_PID,LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES,FDSTORE";
const GROUP = 995;
const needs = { ignore: !HAS_NFT || !HAS_BASH };

/** Writes a configuration into a folder; returns its command line. */
async function service(folder: string): Promise<string[]> {
  const file = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(
    file,
    `[[source]]\ntype = "nflog"\ngroup = ${GROUP}\nqueue_timeout_ms = 10\n` +
      `[output.pcap]\npath = "t.pcap"\n[log]\nfile = "log"\nformat = "json"\n`,
  );
  const rights = ["--allow-ffi", "--allow-read", "--allow-write", `--allow-env=${VARIABLES}`];
  return deno(...rights, `${ROOT}main.ts`, "run", "-c", file);
}

async function start(manager: Manager, command: string[], variables = {}) {
  manager.notices.length = 0;
  const child = manager.start(command, variables);
  await until("it is ready", () => manager.hasHeard("READY", "1"));
  return child;
}

/** Creates a folder with a configuration, a rule that logs to its group, and a manager. */
async function setUp() {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await temporaryFolder());
  const rules = opened.use(await nft([["output", `udp dport 9 counter log group ${GROUP}`]]));
  const manager = opened.use(new Manager());
  const command = await service(folder.path);
  const stage = opened.move();
  return { folder, rules, manager, command, [Symbol.asyncDispose]: () => stage.disposeAsync() };
}

/** Returns the counters of each run that was stopped. */
async function countersIn(folder: string): Promise<Counters[]> {
  const lines = (await Deno.readTextFile(`${folder}/log`)).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(({ message }) => message === "stopped")
    .map(({ counters }) => counters);
}

Deno.test(
  "nfscribe run that is stopped and started again by its manager loses no packet (needs nft, bash)",
  needs,
  async () => {
    await using stage = await setUp();
    const { folder, rules, manager, command } = stage;
    for (let round = 0; round < 2; round++) {
      const child = await start(manager, command);
      sendUdp(1000);
      child.kill("SIGTERM");
      // Packets logged now wait in the stored socket.
      const { code } = await child.output();
      assertEquals(code, 0);
      sendUdp(1000);
    }
    const last = await start(manager, command);
    await until("all are there", () => hasRecords(`${folder.path}/t.pcap`, 4000));
    last.kill("SIGTERM");
    assertEquals((await last.output()).code, 0);
    const counters = await countersIn(folder.path);
    const sums = counters.map(({ sources }) => sources[`nflog:${GROUP}`]!);
    assertEquals(sums.map(({ lost }) => lost), [0, 0, 0]);
    assertEquals(sums.reduce((sum, { received }) => sum + received, 0), await rules.count());
  },
);

Deno.test(
  "nfscribe run that is killed continues its sequence numbers: missing packets are counted (needs nft, bash)",
  needs,
  async () => {
    await using stage = await setUp();
    const { folder, rules, manager, command } = stage;
    const killed = await start(manager, command);
    for (let round = 0; round < 20; round++) sendUdp(500);
    killed.kill("SIGKILL");
    await killed.output();
    sendUdp(1000);
    const child = await start(manager, command);
    sendUdp(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill("SIGTERM");
    await child.output();
    const [counters] = await countersIn(folder.path);
    const { lost } = counters!.sources[`nflog:${GROUP}`]!;
    const kept = await countRecords(`${folder.path}/t.pcap`);
    // Each packet is in the file or counted as lost: at most the datagram of a killed process.
    assertLess(await rules.count() - kept - lost, 512 * 8);
    assertLess(lost, 512 * 8);
  },
);

Deno.test(
  "a refused reload is shown in the status until one is accepted (needs nft, bash)",
  needs,
  async () => {
    await using stage = await setUp();
    const { folder, manager, command } = stage;
    const file = `${folder.path}/nfscribe.toml`;
    const right = await Deno.readTextFile(file);
    const child = await start(manager, command);
    const reload = async (text: string, status: RegExp) => {
      await Deno.writeTextFile(file, text);
      manager.notices.length = 0;
      child.kill("SIGHUP");
      await until(
        "it is shown",
        () => manager.hear().some(({ STATUS = "" }) => status.test(STATUS)),
      );
    };
    await reload(right.replace("path", "pth"), /^The configuration was not replaced: .*pth/);
    await reload(right, /^reloaded$/);
    child.kill("SIGTERM");
    assertEquals((await child.output()).code, 0);
  },
);

Deno.test(
  "the watchdog's keep-alives come from the loop: a stopped process sends none, a reload is notified (needs nft, bash)",
  needs,
  async () => {
    await using folder = await temporaryFolder();
    await using _rules = await nft([["output", `udp dport 9 counter log group ${GROUP}`]]);
    await using manager = new Manager();
    const child = await start(manager, await service(folder.path), { WATCHDOG_USEC: "200000" });
    const signs = () => manager.notices.filter(({ WATCHDOG }) => WATCHDOG === "1").length;
    await until("signs of life", () => {
      manager.hear();
      return signs() >= 5;
    });
    child.kill("SIGHUP");
    await until("the reload is notified", () => {
      manager.hear();
      return manager.hasHeard("RELOADING", "1");
    });
    child.kill("SIGSTOP");
    manager.hear();
    const before = signs();
    await new Promise((resolve) => setTimeout(resolve, 500));
    manager.hear();
    assert(signs() - before <= 1, `${signs() - before}`);
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    assertEquals((await child.output()).code, 0);
  },
);

Deno.test(
  "the manager stores the socket again after a reload that changes a source's options (needs bash)",
  needs,
  async () => {
    await using folder = await temporaryFolder();
    await using manager = new Manager();
    const command = await service(folder.path);
    const child = await start(manager, command);
    const file = `${folder.path}/nfscribe.toml`;
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace("queue_timeout_ms = 10", "queue_timeout_ms = 20"));
    manager.notices.length = 0;
    child.kill("SIGHUP");
    await until("the reload is over", () => manager.hasHeard("READY", "1"));
    const stored = manager.notices.filter(({ FDSTORE }) => FDSTORE === "1");
    assertEquals(stored.map(({ FDNAME }) => FDNAME), ["nfscribe-state", `nflog-${GROUP}`]);
    child.kill("SIGTERM");
    assertEquals((await child.output()).code, 0);
  },
);
