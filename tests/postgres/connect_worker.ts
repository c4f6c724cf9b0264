/**
 * A thread for tests that connects with its permissions.
 *
 * @module
 */

import { client } from "../../src/output/postgres/connect.ts";
import { problemOf } from "../../src/output/postgres/connect_error.ts";
import type { Connection } from "../../src/output/postgres/connection.ts";

declare const self: Worker;

self.onmessage = async ({ data }: MessageEvent<Connection>) => {
  const sql = client(data);
  try {
    const [row] = await sql`SELECT current_user AS name`;
    self.postMessage(`connected as ${row!["name"]}`);
  } catch (error) {
    self.postMessage(problemOf(error, data, "connect").message);
  } finally {
    await sql.end({ timeout: 1 });
  }
};
