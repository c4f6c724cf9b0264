/** Asks a database for something until its thread is given up; prints why, for tests. */

import { databaseOutputOf } from "../../../src/cli/db/options.ts";
import { ThreadReader } from "../../../src/web/store/thread_reader.ts";

const { type, options } = await databaseOutputOf({ sqlite: Deno.args[0]! }, false);
const database = await type.database(options);
const ended = Promise.withResolvers<string>();
const target = { type: type.type, options };
const onEnd = ({ message }: Error) => ended.resolve(message);
await using reader = new ThreadReader(target, database.needs("read"), onEnd, 500);
const choice = { kind: "packet", where: "port 9", span: { fromMs: 0, toMs: 1e15 } } as const;
// On a loaded machine a question may be cancelled before the thread has begun it: it is asked again.
const ask = () => {
  const budget = { ms: 100, signal: new AbortController().signal };
  reader.page(choice, 10, undefined, budget).catch(() => {});
};
ask();
setInterval(ask, 1000);
console.log(await ended.promise);
Deno.exit(7);
