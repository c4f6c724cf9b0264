import { capture } from "nfscribe";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { must, temporaryFolder, until } from "../system/process.ts";
import { HAS_NFT } from "./firewall.ts";
import { startNfscribe } from "./nfscribe.ts";
import { captureSoon, takeOne } from "./traffic.ts";
import { HAS_VETH, HERE, openPeer, THERE } from "./peer.ts";

const HAS_ALL = HAS_NFT && HAS_VETH;
const NEEDS = HAS_ALL ? "" : " (needs nft and veth)";

Deno.test({
  name: `a source in another network namespace logs there, and knows the names there${NEEDS}`,
  ignore: !HAS_ALL,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using peer = await openPeer();
    await peer.must([
      "sh",
      "-c",
      `echo 'table inet t {\nchain c {\ntype filter hook input priority 0\nicmp type echo-request log group 944\n}\n}' | nft -f -`,
    ]);
    await Deno.writeTextFile(
      `${folder.path}/nfscribe.toml`,
      `[[source]]\ntype = "nflog"\ngroup = 944\nnetns = ${peer.pid}\nqueue_timeout_ms = 10\n` +
        `[[source]]\ntype = "nflog"\ngroup = 944\n` +
        `[output.logemu]\npath = "t.log"\nhostname = "gate"\n[log]\nformat = "json"\n`,
    );
    await using nfscribe = await startNfscribe("-c", `${folder.path}/nfscribe.toml`);
    await must(["ping", "-c", "1", THERE.address]);
    await until(
      "the line is there",
      async () => (await Deno.readTextFile(`${folder.path}/t.log`)).includes("PROTO=ICMP"),
    );
    const line = await Deno.readTextFile(`${folder.path}/t.log`);
    assertStringIncludes(line, `IN=${THERE.device} OUT=`);
    assertStringIncludes(line, `SRC=${HERE.address} DST=${THERE.address}`);
    nfscribe.kill("SIGTERM");
    const { counters } = await nfscribe.ended();
    assertEquals(Object.entries(counters.sources).map(([name, { received }]) => [name, received]), [
      [`nflog:944@${peer.pid}`, 1],
      ["nflog:944", 0],
    ]);

    // The same with the library, by the process in the namespace.
    await using packets = await captureSoon({ group: 944, netns: `/proc/${peer.pid}/ns/net` });
    await must(["ping", "-c", "1", THERE.address]);
    assertEquals((await takeOne(packets)).inDev?.name, THERE.device);
    const missing = await capture({ group: 945, netns: "/run/netns/nowhere" }).catch(String);
    assertEquals(
      missing,
      "NetlinkError: Cannot open network namespace /run/netns/nowhere: no such file (ENOENT); " +
        "ip netns list names those of this machine",
    );
  },
});
