/**
 * The entry of the broker thread: it may read nfscribe's own modules and the
 * script's folder, nothing else, and makes the sandboxes, which load with the
 * rights of the thread that makes them. So a script cannot have Deno read, or
 * fetch, anything else for it, whatever nfscribe itself may do.
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
const sandboxes = new Map<number, Worker>();

scope.onmessage = ({ data }) => {
  if (data.kind === "start") start(data);
  else sandboxes.get(data.id)?.terminate();
};

async function start(message: ToBroker & { kind: "start" }): Promise<void> {
  const { id, setup, memoryMb } = message;
  const { script } = setup;
  const port = message.port as unknown as SandboxData["port"];
  if (script !== undefined) {
    try {
      const files = await moduleGraph(script, (url) => Deno.readTextFile(url));
      scope.postMessage({ kind: "files", id, files });
    } catch (error) {
      const problem = error instanceof ScriptError
        ? error.problem
        : { file: script, message: readReason(error) };
      return scope.postMessage({ kind: "refused", id, ...problem });
    }
  }
  const worker = new Worker(new URL("./sandbox.ts", import.meta.url), {
    workerData: { ...setup, port } satisfies SandboxData,
    transferList: [port],
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
  });
  sandboxes.set(id, worker);
  let reason = "it ended by itself";
  worker.on("error", (error: Error & { code?: string }) => {
    reason = error.code === "ERR_WORKER_OUT_OF_MEMORY"
      ? `it needs more memory than memory_mb = ${memoryMb}`
      : error.message;
  });
  worker.on("exit", () => {
    sandboxes.delete(id);
    scope.postMessage({ kind: "ended", id, reason });
  });
}

function readReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "Cannot read it: there is no such file";
  return `Cannot read it: ${error instanceof Error ? error.message : String(error)}`;
}
