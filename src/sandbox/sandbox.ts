/**
 * The entry of a sandbox thread: it is locked down, the user's script is loaded,
 * slots are worked on until the thread is ended from outside.
 *
 * @module
 */

import { workerData } from "node:worker_threads";
import type { FilterModule } from "../filter/filter.ts";
import { faultText } from "./fault.ts";
import { hooksHold, lockDown, seal, sealWith } from "./lockdown.ts";
import type { FromSandbox, SandboxData } from "./messages.ts";
import { SlotServer } from "./slot_server.ts";

/** How often `tick` is called unless the script says other, in milliseconds. */
const TICK_MS = 1000;
const TICK_LEAST_MS = 10;
const TICK_MOST_MS = 86_400_000;

/** Messages that a script may write while it is loaded; later there is a limit for each second. */
const EARLY_MESSAGES = 100;

const NO_HOOKS =
  "a filter cannot be held here: this build of nfscribe does not call module hooks, so it " +
  "could import Node's modules and reach files; run nfscribe from its sources or its bundle";

const data: SandboxData = workerData;
const { port, script } = data;
const post = (message: FromSandbox) => port.postMessage(message);

/** Loads the script; every module of it runs after `seal.ts`. */
async function load(script: string): Promise<FilterModule> {
  const sealing = JSON.stringify(import.meta.resolve("./seal.ts"));
  const source = `import ${sealing};\nexport * as script from ${JSON.stringify(script)};\n`;
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return module.script;
}

/** What is wrong with a script's exports; undefined where nothing is. */
function exportProblem(exports: Record<string, unknown>): string | undefined {
  if (typeof exports.default !== "function") {
    return "its default export is no function; write `export default (packet) => …`";
  }
  for (const name of ["start", "stop", "tick"]) {
    if (exports[name] !== undefined && typeof exports[name] !== "function") {
      return `its export ${name} is no function`;
    }
  }
  const { tickMs = TICK_MS } = exports;
  if (typeof tickMs !== "number" || !(tickMs >= TICK_LEAST_MS && tickMs <= TICK_MOST_MS)) {
    return `its export tickMs must be a number of milliseconds from ${TICK_LEAST_MS} to ${TICK_MOST_MS}`;
  }
  return undefined;
}

async function main(): Promise<void> {
  const file = script ?? "";
  sealWith(data.revoke);
  let told = 0;
  let tell = (message: string) => {
    if (told++ < EARLY_MESSAGES) post({ kind: "log", message: message.slice(0, 2000), fields: {} });
  };
  lockDown((message) => tell(message));
  let filter: FilterModule | undefined;
  if (script === undefined) {
    seal();
  } else {
    if (!await hooksHold()) return post({ kind: "refused", file, message: NO_HOOKS });
    try {
      filter = await load(script);
    } catch (error) {
      return post({ kind: "refused", file, message: faultText(error, file) });
    }
    const problem = exportProblem({ ...filter });
    if (problem !== undefined) return post({ kind: "refused", file, message: problem });
  }
  const server = new SlotServer(data, filter, post);
  tell = (message) => server.context.log(message);
  try {
    await filter?.start?.(server.context);
  } catch (error) {
    return post({ kind: "refused", file, message: `start() failed: ${faultText(error, file)}` });
  }
  const tickMs = filter?.tick === undefined ? undefined : filter.tickMs ?? TICK_MS;
  post({ kind: "ready", tickMs, stops: filter?.stop !== undefined });
  await server.serve();
}

// A rejection that nobody handles would end the thread.
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  post({ kind: "fault", message: faultText(event.reason, script ?? "") });
});
globalThis.addEventListener("error", (event) => {
  event.preventDefault();
  post({ kind: "fault", message: faultText(event.error, script ?? "") });
});
await main();
