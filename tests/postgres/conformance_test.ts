/**
 * The suite of all outputs, for Postgres, with a server.
 *
 * @module
 */

import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { testWriters } from "../conformance/system/writer_suite.ts";
import { temporaryFolder } from "../system/process.ts";
import { Cluster, noCluster } from "./cluster.ts";

const missing = await noCluster();
const fixture = outputFixtures.postgres!;
let cluster: Cluster;
let databases = 0;

Deno.test.beforeAll(async () => {
  if (missing === undefined) cluster = await Cluster.start();
});
Deno.test.afterAll(async () => await cluster?.[Symbol.asyncDispose]());

testWriters({
  type: "postgres",
  fixture,
  missing,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const database = `conformance_${databases++}`;
    await cluster.sql(`CREATE DATABASE ${database}`);
    return {
      folder: path,
      table: { ...fixture.place(path), url: cluster.url(database), create: true, ...variant },
      async arrived() {
        const rows = await cluster.sql("SELECT source_port FROM packets", database);
        return rows.split("\n").map(Number);
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});
