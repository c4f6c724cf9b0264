/**
 * The entry of a broker thread: it may read nfscribe's own modules and the
 * script's folder, nothing else, and makes a sandbox, which loads with the
 * rights of the thread that makes it. So a script cannot have Deno read, or
 * fetch, anything else for it, whatever nfscribe itself may do. Deno has the two
 * threads share their rights: once the sandbox has given them up, both have none.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { moduleGraph, ScriptError } from "./graph.ts";
import type { FromBroker, SandboxData, ToBroker } from "./messages.ts";

/** What a broker thread is: the part of a Worker's global scope that it uses. */
interface Scope {
  onmessage: ((event: MessageEvent<ToBroker>) => void) | null;
  postMessage(message: FromBroker): void;
}

const scope = globalThis as unknown as Scope;
let sandbox: Worker | undefined;

scope.onmessage = ({ data }) => {
  if (data.kind === "start") start(data);
  else if (sandbox === undefined) scope.postMessage({ kind: "ended", reason: "it never began" });
  else sandbox.terminate();
};

async function start({ setup, port, memoryMb }: ToBroker & { kind: "start" }): Promise<void> {
  const { script } = setup;
  if (script !== undefined) {
    try {
      const files = await moduleGraph(script, (url) => Deno.readTextFile(url));
      scope.postMessage({ kind: "files", files });
    } catch (error) {
      const problem = error instanceof ScriptError
        ? error.problem
        : { file: script, message: String(error) };
      return scope.postMessage({ kind: "refused", ...problem });
    }
  }
  const data: SandboxData = { ...setup, port: port as unknown as SandboxData["port"] };
  sandbox = new Worker(new URL("./sandbox.ts", import.meta.url), {
    workerData: data,
    transferList: [data.port],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
  });
  let reason = "it ended by itself";
  sandbox.on("error", (error: Error & { code?: string }) => {
    reason = error.code === "ERR_WORKER_OUT_OF_MEMORY"
      ? `it needs more memory than memory_mb = ${memoryMb}`
      : error.message;
  });
  sandbox.on("exit", () => scope.postMessage({ kind: "ended", reason }));
}
