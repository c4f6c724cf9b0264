import { assertEquals, assertGreater } from "@std/assert";
import { HAS_IPTABLES, HAS_NFT, iptables, nft } from "../kernel/firewall.ts";
import { sendUdp, udpProgram } from "../kernel/traffic.ts";
import { captureFrames, HAS_CAPTURES } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { HAS_TCPREPLAY, layWire } from "../peers/replay.ts";
import { tcpdump, theirWords } from "../peers/tcpdump.ts";
import { HAS_TCPDUMP, must, temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";
import { finish, rowsIn, startTask } from "./firewall_to_table.ts";

const MISSING = await noCluster() ??
  (HAS_TCPDUMP && HAS_TCPREPLAY && HAS_NFT && HAS_IPTABLES
    ? undefined
    : "needs tcpdump, tcpreplay, nft, iptables");

/** A query for rows in the form of `theirWords()`, with and without ports, and the protocol. */
const WORDS = `
  SELECT concat_ws('|',
    head || host(source_address) || coalesce('.' || source_port, '') || ' > ' ||
      host(destination_address) || coalesce('.' || destination_port, ''),
    head || host(source_address) || ' > ' || host(destination_address))
  FROM (SELECT *, CASE family(source_address)
      WHEN 4 THEN format('4 class %s hops %s length %s ', tos, ttl, length)
      ELSE format('6 class %s hops %s length %s ', tos, ttl, length) END AS head
    FROM packets) AS words
  ORDER BY seq`;

testUnless(
  MISSING,
  "tcpdump and the table agree about every packet of a mixed capture",
  async () => {
    await using cluster = await Cluster.start();
    await using folder = await temporaryFolder();
    const path = `${folder.path}/t.pcap`;
    await using wire = await layWire({ folder: folder.path, log: ["log group 971"] });
    const further = `[output.pcap]\npath = "${path}"`;
    await using nfscribe = await startTask({ group: 971, folder: folder.path, cluster, further });
    const captured = HAS_CAPTURES ? await captureFrames() : [];
    await wire.send([...captured, ...randomFrames(7, 2000)], () => true);
    const count = await wire.count();
    await until("the rows are there", async () => await rowsIn(cluster) === count);
    await finish(nfscribe);

    const said = await tcpdump(path);
    const rows = (await cluster.sql(WORDS)).split("\n");
    assertEquals([said.length, rows.length], [count, count]);
    let compared = 0;
    for (const [index, row] of rows.entries()) {
      // It prints addresses that begin with 96 zeros in the deprecated form, such as ::192.0.2.1.
      const theirs = theirWords(said[index]!)?.replace(/ offset \d+ protocol \d+/, "");
      if (theirs === undefined) continue;
      // The header of a jumbogram has no length.
      if (/payload length: 0\)|, length 0\b/.test(said[index]!)) continue;
      const ours = row.split("|");
      if (ours.some((words) => / ::[\da-f:]* >| > ::/.test(words))) continue;
      compared++;
      if (!ours.includes(theirs)) assertEquals(ours[0], theirs, said[index]);
    }
    assertGreater(compared, count * 0.8);
  },
);

testUnless(MISSING, "extremes of every column reach the table", async () => {
  await using cluster = await Cluster.start();
  await using folder = await temporaryFolder();
  const longest = "p".repeat(63);
  await using _iptables = await iptables([
    `OUTPUT -p udp --dport 9 -j NFLOG --nflog-group 972 --nflog-prefix ${longest}`,
  ]);
  await using _nft = await nft([
    [
      "output",
      `udp dport 10 meta mark set 0xffffffff log group 972 prefix "${"q".repeat(127)}"`,
    ],
    ["output", `udp dport 11 log group 972 prefix "caf\u00e9 \u2603 "`],
    ["output", `icmp type echo-request log group 972`],
    ["output", `icmpv6 type echo-request log group 972`],
    ["output", `meta l4proto tcp log group 972 snaplen 30`],
  ]);
  const postgres = "payload = true";
  await using nfscribe = await startTask({ group: 972, folder: folder.path, cluster, postgres });
  sendUdp(1, 4, 9);
  const root = ["setpriv", "--reuid=4294967294", "--regid=4294967293", "--clear-groups"];
  await must([...Deno.uid() === 0 ? root : [], ...udpProgram("127.0.0.1", 10)]);
  await must(udpProgram("::1", 11));
  await must(["ping", "-c", "1", "-t", "7", "-Q", "0x28", "127.0.0.1"]);
  await must(["ping", "-c", "1", "::1"]);
  await must(["bash", "-c", "printf x > /dev/tcp/127.0.0.1/12 || true"]);
  await until("the rows are there", async () => await rowsIn(cluster) >= 7);
  await finish(nfscribe);

  const column = async (what: string, where: string) =>
    await cluster.sql(`SELECT ${what} FROM packets WHERE ${where} LIMIT 1`);
  assertEquals(
    await column("prefix, protocol, out_dev, in_dev IS NULL", "destination_port = 9"),
    `${longest}|17|lo|t`,
  );
  const ids = Deno.uid() === 0 ? "4294967294|4294967293" : `${Deno.uid()}|${Deno.gid()}`;
  assertEquals(
    await column(
      "prefix, mark, uid, gid, convert_from(substr(payload, 29), 'UTF8')",
      "destination_port = 10",
    ),
    `${"q".repeat(127)}|4294967295|${ids}|ping`,
  );
  assertEquals(
    await column(
      "prefix, source_address, destination_address, ethertype, length",
      "destination_port = 11",
    ),
    "caf\u00e9 \u2603 |::1|::1|34525|52",
  );
  assertEquals(
    await column("icmp_type, icmp_code, ttl, tos, source_port IS NULL", "protocol = 1"),
    "8|0|7|40|t",
  );
  assertEquals(await column("icmp_type, icmp_code, length", "protocol = 58"), "128|0|104");
  // 30 bytes: the ports are complete, the flags are truncated.
  assertEquals(
    await column(
      "destination_port, tcp_flags IS NULL, octet_length(payload), length",
      "protocol = 6 AND destination_port = 12",
    ),
    "12|t|30|60",
  );
  assertEquals(
    await cluster.sql(
      "SELECT count(*) FROM packets WHERE abs(extract(epoch FROM now() - time)) > 60",
    ),
    "0",
  );
});

testUnless(
  MISSING,
  "fields that a filter attaches, and bytes that are no text, reach the table",
  async () => {
    await using cluster = await Cluster.start();
    await using folder = await temporaryFolder();
    await Deno.writeTextFile(
      `${folder.path}/filter.ts`,
      `export default (packet, context) => {
  context.attach({ size: packet.originalLength, big: 2n ** 63n, "a\\0b": ["\\ud800"] });
  return packet.destinationPort === 9 ? "postgres" : undefined;
};`,
    );
    const prefix = "\\xe9\\x20";
    await using _rules = await iptables([]);
    await must([
      "bash",
      "-c",
      `iptables-legacy -A OUTPUT -p udp -j NFLOG --nflog-group 973 --nflog-prefix $'${prefix}'`,
    ]);
    const further = `[filter]\nscript = "${folder.path}/filter.ts"`;
    await using nfscribe = await startTask({ group: 973, folder: folder.path, cluster, further });
    sendUdp(2, 10, 9);
    sendUdp(2, 10, 10);
    await until("the rows are there", async () => await rowsIn(cluster) === 2);
    const { counters } = await finish(nfscribe);
    assertEquals(counters.filter, { passed: 2, dropped: 2, failed: 0, timedOut: 0 });
    assertEquals(
      await cluster.sql("SELECT prefix, extra, capture, host FROM packets LIMIT 1"),
      `\\xe9 |{"big": 9223372036854775808, "size": 38, "a\ufffdb": ["\ufffd"]}|nflog:973|gate`,
    );
  },
);
