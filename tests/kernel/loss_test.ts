import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  NETLINK_NETFILTER,
  NetlinkSocket,
  SO_RCVBUFFORCE,
  SOL_SOCKET,
} from "../../ffi/netlink_socket.ts";
import { readMessages } from "../../src/netlink/message.ts";
import { NflogReader } from "../../src/source/nflog/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { until } from "../system/process.ts";
import { HAS_NFT, nft } from "./firewall.ts";
import { captureSoon, flood, sendUdp, takeAll } from "./traffic.ts";

/** Buffer size for packets that arrive while another program has the CPU. */
const AMPLE = 32 * 1024 * 1024;

/** Returns whether the receive buffer may be larger than the system's limit. */
async function mayForceBuffer(): Promise<boolean> {
  await using socket = NetlinkSocket.open(NETLINK_NETFILTER);
  return socket.setOption(SOL_SOCKET, SO_RCVBUFFORCE, AMPLE);
}

Deno.test("none of 200,000 packets at full speed is lost (needs nft, a large buffer)", {
  ignore: !HAS_NFT || !await mayForceBuffer(),
}, async () => {
  await using rules = await nft([["output", "udp dport 9 counter log group 601"]]);
  await using packets = await captureSoon({ group: 601, copyRange: 100, bufferSize: AMPLE });
  await Promise.all([takeAll(packets, 200_000), flood(200_000, 200)]);
  assertEquals(await rules.count(), 200_000);
  assertEquals(packets.stats, { received: 200_000, lost: 0, malformed: 0, foreign: 0 });
});

for (const queueThreshold of [1, 20, 512]) {
  Deno.test(
    `received and lost packets add up to the rule's counter, ${queueThreshold} to a datagram (needs nft)`,
    {
      ignore: !HAS_NFT,
    },
    async () => {
      await using rules = await nft([["output", "udp dport 9 counter log group 602"]]);
      const options = { group: 602, bufferSize: 65536, queueThreshold, copyRange: 100 };
      await using packets = await captureSoon(options);
      // This thread sends, so that nothing is read in the meantime.
      sendUdp(20_000);
      const reading = (async () => {
        for await (const _ of packets);
      })();
      // Awaited at the end only.
      reading.catch(() => {});
      // A lost tail shows with the next packet, for which there must be room.
      await until("received + lost = logged", async () => {
        sendUdp();
        await new Promise((resolve) => setTimeout(resolve, 50));
        const { received, lost } = packets.stats;
        return received + lost === await rules.count();
      });
      const { received, lost, malformed } = packets.stats;
      assertGreater(received, 1);
      assertGreater(lost, 1000);
      assertEquals(malformed, 0);
      assertEquals(received + lost, await rules.count());
      await packets.close();
      await reading;
    },
  );
}

Deno.test(
  "losses are counted for each group separately (needs nft)",
  { ignore: !HAS_NFT },
  async () => {
    await using _rules = await nft([[
      "output",
      `udp dport 9 log group 603
udp dport 10 log group 604`,
    ]]);
    await using small = await captureSoon({ group: 603, bufferSize: 65536, queueThreshold: 1 });
    await using large = await captureSoon({ group: 604 });
    for (let i = 0; i < 50; i++) {
      sendUdp(100, 72, 9);
      sendUdp(10, 72, 10);
    }
    await takeAll(large, 500);
    assertEquals(large.stats, { received: 500, lost: 0, malformed: 0, foreign: 0 });
    const { value } = await small.next();
    assert(value !== undefined);
  },
);

Deno.test("packets lost at the very end are known by their datagrams (needs nft)", {
  ignore: !HAS_NFT,
}, async () => {
  await using _rules = await nft([["output", "udp dport 9 log group 605"]]);
  const options = { group: 605, copyRange: 100, bufferSize: 65_536, queueThreshold: 1 };
  await using reader = await NflogReader.open({ ...options, queueTimeoutMs: 10 }, () => {});
  const buffer = new Uint8Array(DATAGRAM_MAX);
  const takeAll = () => {
    let count = 0;
    for (let length; (length = reader.receive(buffer)) !== NOTHING_QUEUED;) {
      count += [...readMessages(buffer.subarray(0, length))].length;
    }
    return count;
  };
  sendUdp(2000);
  const dropped = reader.droppedDatagrams;
  assertGreater(dropped, 0);
  assertEquals([reader.uncountedDatagrams, takeAll()], [dropped, 2000 - dropped]);
  // The number of the next packet counts all of them.
  sendUdp(1);
  assertEquals([takeAll(), reader.uncountedDatagrams], [1, 0]);
  sendUdp(2000);
  const more = reader.droppedDatagrams - dropped;
  // The answer to the request that ends it is no packet.
  await reader.stop();
  assertEquals([takeAll(), reader.uncountedDatagrams], [2000 - more, more]);
  await reader.close();
  assertEquals(reader.uncountedDatagrams, more);
});
