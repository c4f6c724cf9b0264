/** Recognises poolers such as PgBouncer between nfscribe and the server. */

import type { Queries } from "./catalog.ts";

/**
 * Returns whether a pooler stands between client and server: statements, or transactions, may then
 * run in different sessions of the server. A pooler announces a process of its own (PostgreSQL
 * documentation, "Message Formats", BackendKeyData), or none.
 */
export async function isPooled(sql: Queries): Promise<boolean> {
  const rows = await sql<{ pid: number }[]>`SELECT pg_catalog.pg_backend_pid() AS pid`;
  return rows.state.pid !== rows[0]!.pid;
}
