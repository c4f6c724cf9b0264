/**
 * Asks a running nfscribe to watch it, and prints why it may not: `watch_client.ts SOCKET`.
 *
 * @module
 */

import { WatchClient } from "../../src/handover/watch_client.ts";

try {
  await using _client = await WatchClient.open(Deno.args[0]!);
} catch (error) {
  console.log((error as Error).message);
}
