import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { HAS_NFT, nft } from "../kernel/firewall.ts";
import { sendUdp } from "../kernel/traffic.ts";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";
import { finish, rowsIn, startTask } from "./firewall_to_table.ts";

const MISSING = HAS_NFT ? await noCluster() : "needs nft";
const METRICS = "127.0.0.1:9478";

async function health(): Promise<{ status: number; text: string }> {
  const answer = await fetch(`http://${METRICS}/healthz`);
  return { status: answer.status, text: await answer.text() };
}

testUnless(
  MISSING,
  "/healthz names the output whose database is away or refuses rows, until rows arrive",
  async () => {
    await using cluster = await Cluster.start();
    await using folder = await temporaryFolder();
    await using _rules = await nft([["output", "udp dport 9 log group 961"]]);
    const further = `[stats]\nmetrics = "${METRICS}"\nhealth_seconds = 3`;
    await using nfscribe = await startTask({ group: 961, folder: folder.path, cluster, further });
    const well = { status: 200, text: "ok\n" };
    const isWell = async () => (await health()).status === 200;
    sendUdp(10);
    await until("rows are there", async () => await rowsIn(cluster) === 10);
    assertEquals(await health(), well);

    await cluster.stop();
    sendUdp(10);
    await delay(1000);
    assertEquals(await health(), well, "a short restart is no alarm");
    await until("it is not well", async () => !await isWell());
    const { status, text } = await health();
    assertEquals(status, 503);
    assertMatch(
      text,
      /^output postgres: Cannot connect to postgres:.*: nothing listens there; .*\n$/,
    );
    await cluster.restart();
    await until("it is well", isWell);
    await until("rows are there", async () => await rowsIn(cluster) === 20);

    await cluster.sql("ALTER ROLE postgres SET default_transaction_read_only = on");
    await cluster.sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nfscribe'",
    );
    sendUdp(10);
    await until("it is not well", async () => !await isWell());
    assertMatch(
      (await health()).text,
      /^output postgres: .*cannot execute COPY FROM in a read-only/,
    );
    await cluster.sql(
      "SET default_transaction_read_only = off; ALTER ROLE postgres RESET default_transaction_read_only",
    );
    await until("it is well", isWell);
    await finish(nfscribe);
    assertEquals(await rowsIn(cluster), 30);
  },
);
