/** Answers questions to a store that come as messages. */

import { OutputError } from "../../errors.ts";
import { outputs } from "../../output/outputs.ts";
import type { Budget, StoreReader } from "../../output/table/reading.ts";
import {
  errorData,
  type Found,
  type FromStore,
  type StoreTarget,
  type ToStore,
} from "./messages.ts";

/** Records and bytes of a download that are sent at once. */
const RECORDS_AT_ONCE = 500;
const BYTES_AT_ONCE = 256 * 1024;

/** Time for a reader to show that it works, in milliseconds. */
const WORKS_MS = 3000;

/** Question in answer. */
interface Asked {
  abort: AbortController;
  /** Continues a download. */
  more: (goOn: boolean) => void;
}

/**
 * Returns the function that takes messages.
 *
 * @param post Sends messages.
 * @param open Opens the store.
 */
export function serveStore(
  post: (message: FromStore) => void,
  open: (target: StoreTarget) => Promise<StoreReader> = openStore,
): (message: ToStore) => void {
  const asked = new Map<number, Asked>();
  let reader: StoreReader | undefined;

  const answer = async ({ id, name, args, ms }: Extract<ToStore, { kind: "ask" }>) => {
    const one: Asked = { abort: new AbortController(), more: () => {} };
    asked.set(id, one);
    try {
      if (reader === undefined) {
        throw new OutputError("store", "The store is being opened again: ask again");
      }
      const budget = { ms, signal: one.abort.signal };
      const value = name === "each"
        ? await download(reader, id, args, budget, one, post)
        : await ask(reader, name, args, budget);
      post({ kind: "answer", id, value });
    } catch (error) {
      post({ kind: "failed", id, error: errorData(error) });
    } finally {
      asked.delete(id);
    }
  };

  const start = async (target: StoreTarget) => {
    try {
      if (reader === undefined || !await works(reader)) {
        const before = reader;
        reader = undefined;
        // One that is broken may fail to end, too.
        await before?.[Symbol.asyncDispose]().then(undefined, () => {});
        reader = await open(target);
      }
      post({ kind: "opened" });
    } catch (error) {
      post({ kind: "refused", error: errorData(error) });
    }
  };

  return (message) => {
    switch (message.kind) {
      case "open":
        void start(message.target);
        return;
      case "ask":
        void answer(message);
        return;
      case "cancel": {
        const one = asked.get(message.id);
        one?.abort.abort(new Error("cancelled"));
        one?.more(false);
        return;
      }
      case "ping":
        post({ kind: "pong" });
        return;
      case "more":
        asked.get(message.id)?.more(message.goOn);
    }
  };
}

/** Returns whether a reader still answers: what failed may have been one question alone. */
async function works(reader: StoreReader): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error("too slow")), WORKS_MS);
  try {
    await reader.summary({ ms: WORKS_MS, signal: abort.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Opens the reader of an output's database. */
async function openStore({ type, options }: StoreTarget): Promise<StoreReader> {
  const database = await outputs[type]!.database!(options);
  if (database.open !== undefined) return await database.open();
  throw new OutputError(type, `Cannot show a database of type ${type}: only others can be read`);
}

function ask(
  reader: StoreReader,
  name: string,
  args: readonly unknown[],
  budget: Budget,
): Promise<unknown> {
  // Both sides are of one version: the arguments are those of the method.
  const method = reader[name as keyof StoreReader] as (...args: unknown[]) => Promise<unknown>;
  return method.call(reader, ...args, budget);
}

/** Sends records, as many as the other side takes. */
async function download(
  reader: StoreReader,
  id: number,
  [choice]: readonly unknown[],
  budget: Budget,
  one: Asked,
  post: (message: FromStore) => void,
): Promise<void> {
  let records: Found[] = [];
  let length = 0;
  const flush = async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    one.more = resolve;
    post({ kind: "records", id, records });
    [records, length] = [[], 0];
    return await promise;
  };
  let goesOn = true;
  await reader.each(choice as Parameters<StoreReader["each"]>[0], async (row, payload) => {
    records.push([row, payload]);
    length += payload?.length ?? 0;
    if (records.length < RECORDS_AT_ONCE && length < BYTES_AT_ONCE) return true;
    return goesOn = await flush();
  }, budget);
  if (goesOn && records.length > 0) await flush();
}
