/**
 * Collects an alert for each packet and posts them to a webhook; nfscribe.toml
 * tells how to run it.
 *
 * @module
 */

import type { Filter, FilterContext, FilterHook } from "nfscribe";

/** The webhook; `net` in nfscribe.toml grants its host and port. */
const WEBHOOK = "http://127.0.0.1:8099/alerts";
/** Alerts that wait, at the most; what comes above that is counted. */
const WAITING_MAX = 1000;
/** Time limit of the webhook, in milliseconds: less than `timeout_ms`, which bounds `stop`. */
const ANSWER_MS = 1500;

let waiting: string[] = [];
let leftOut = 0;
/** The post that is under way. */
let posting: Promise<void> | undefined;
let isDown = false;

export default ((packet) => {
  if (waiting.length < WAITING_MAX) waiting.push(`${packet}`);
  else leftOut++;
  return "logemu";
}) satisfies Filter;

/** Posts every second, without waiting for the answer: the next packets are filtered meanwhile. */
export const tick: FilterHook = (context) => {
  if (waiting.length > 0) posting ??= post(context).finally(() => posting = undefined);
};

export const stop: FilterHook = async (context) => {
  await Promise.all([posting, waiting.length > 0 && post(context)]);
};

/** Posts all that waits; what the webhook did not take waits again, and may reach it twice. */
async function post(context: FilterContext): Promise<void> {
  const batch = { alerts: waiting, leftOut };
  waiting = [];
  leftOut = 0;
  try {
    const response = await fetch(WEBHOOK, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(batch),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered with status ${response.status}`);
    isDown = false;
  } catch (error) {
    if (!isDown) {
      const fields = { webhook: WEBHOOK, error: reasonOf(error) };
      context.log("Cannot tell the webhook, trying on", fields);
    }
    isDown = true;
    waiting = [...batch.alerts, ...waiting];
    leftOut += batch.leftOut + waiting.splice(WAITING_MAX).length;
  }
}

/** Returns why a post failed, which is in the cause of what `fetch` throws. */
function reasonOf(error: unknown): string {
  return String(error instanceof Error && error.cause || error);
}
