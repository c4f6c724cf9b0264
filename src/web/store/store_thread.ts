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
      const budget = { ms, signal: one.abort.signal };
      const value = name === "each"
        ? await download(reader!, id, args, budget, one, post)
        : await ask(reader!, name, args, budget);
      post({ kind: "answer", id, value });
    } catch (error) {
      post({ kind: "failed", id, error: errorData(error) });
    } finally {
      asked.delete(id);
    }
  };

  return (message) => {
    switch (message.kind) {
      case "open":
        open(message.target).then(
          (opened) => {
            reader = opened;
            post({ kind: "opened" });
          },
          (error) => post({ kind: "refused", error: errorData(error) }),
        );
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
      case "more":
        asked.get(message.id)?.more(message.goOn);
    }
  };
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
