/**
 * Messages of other hosts that come again, into PostgreSQL: `KILLS` says how often two processes that
 * receive them are killed.
 *
 * @module
 */

import { assertOnceDespiteKills, KILLS } from "../databases/chunks/killing.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";

const missing = await noCluster();
testUnless(
  missing,
  `two receivers killed ${KILLS} times have each packet in PostgreSQL once`,
  async () => {
    await using cluster = await Cluster.start();
    await assertOnceDespiteKills(
      "postgres",
      { url: cluster.url("postgres"), create: true },
      (sql) => cluster.sql(sql, "postgres"),
    );
  },
);
