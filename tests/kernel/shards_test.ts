import { assert, assertEquals } from "@std/assert";
import { UdpSender } from "../ffi/udp_sender.ts";
import { canRun, deno, must, ROOT, temporaryFolder } from "../system/process.ts";
import { HAS_NFT } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";

/** Whether a burst at full speed fits into the buffer of this user's sockets. */
const HAS_LARGE_BUFFERS = canRun("sh", "-c", 'grep -q "^ *0 *0 *4294967295$" /proc/self/uid_map');
const HAS_ALL = HAS_NFT && HAS_LARGE_BUFFERS;

/** Enough that none of four shards is empty by chance. */
const CONNECTIONS = 64;
const STEPS = 20;
const PACKETS_A_STEP = 125;

/** Sends on each connection at full speed, with increasing packet sizes. */
function sendAll(): void {
  const senders = Array.from({ length: CONNECTIONS }, () => new UdpSender("127.0.0.1", 9));
  for (let step = 0; step < STEPS; step++) {
    for (const sender of senders) sender.send(PACKETS_A_STEP, 10 + step);
  }
  for (const sender of senders) sender[Symbol.dispose]();
}

Deno.test({
  name: `four shards at full speed: none lost, each connection in order${
    HAS_ALL ? "" : " (needs nft and root)"
  }`,
  ignore: !HAS_ALL,
  fn: async () => {
    await using folder = await temporaryFolder();
    const rules = await must(deno(`${ROOT}main.ts`, "rules", "--shards", "4", "--group", "961"));
    // No socket listens: without the drop, ICMP errors would come back.
    const drop = "chain late {\ntype filter hook input priority 10\nudp dport 9 drop\n}";
    await must(["nft", "-f", "-"], `${rules}\ntable inet late {\n${drop}\n}\n`);
    await Deno.writeTextFile(
      `${folder.path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroups = [961, 962, 963, 964]\n` +
        `[output.logemu]\npath = "t.log"\nhostname = "gate"\nsync = false\n[log]\nformat = "json"\n`,
    );
    await using nfscribe = await startNfscribe("-c", `${folder.path}/nfscribe.toml`);
    sendAll();
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    await must(["nft", "flush", "ruleset"]);

    const groups = Object.values(counters.sources);
    assert(
      groups.every(({ received, lost }) => received > 0 && lost === 0),
      JSON.stringify(groups),
    );
    const lengths = new Map<string, number>();
    let packets = 0;
    for (const line of (await Deno.readTextFile(`${folder.path}/t.log`)).split("\n")) {
      // Loopback logs each packet twice; the output hook is enough.
      const [, length, port] = /OUT=lo .* LEN=(\d+) TOS.* SPT=(\d+) DPT=9 /.exec(line) ?? [];
      if (port === undefined) continue;
      packets++;
      assert(Number(length) >= (lengths.get(port) ?? 0), `out of order: ${line}`);
      lengths.set(port, Number(length));
    }
    assertEquals([packets, lengths.size], [CONNECTIONS * STEPS * PACKETS_A_STEP, CONNECTIONS]);
  },
});
