import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { ExpressionError } from "../../src/filter/expression/error.ts";
import { errorOf, type FromStore, type ToStore } from "../../src/web/store/messages.ts";
import { serveStore } from "../../src/web/store/store_thread.ts";
import { MadeUp } from "./made_up.ts";
import { MemoryStore } from "./memory_store.ts";

const SPAN = { fromMs: 0, toMs: 1e15 };
const TARGET = { type: "memory", options: {} };

/** Sends messages to a thread's code, as between threads, and waits for its answers. */
class Thread {
  readonly #received: FromStore[] = [];
  #wake = () => {};
  readonly #send: (message: ToStore) => void;

  constructor(open: Parameters<typeof serveStore>[1]) {
    this.#send = serveStore((message) => {
      this.#received.push(structuredClone(message));
      this.#wake();
    }, open);
  }

  post(message: ToStore): void {
    this.#send(structuredClone(message));
  }

  /** Returns the next message. */
  async next(): Promise<FromStore> {
    while (this.#received.length === 0) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#received.shift()!;
  }
}

async function opened(store: MemoryStore): Promise<Thread> {
  const thread = new Thread(() => Promise.resolve(store));
  thread.post({ kind: "open", target: TARGET });
  assertEquals(await thread.next(), { kind: "opened" });
  return thread;
}

Deno.test("Questions are answered as by the reader itself", async () => {
  await using store = new MemoryStore();
  new MadeUp(store).fill(1.7e12, 1.7e12 + 60_000, 50);
  const thread = await opened(store);
  const choice = { kind: "packet" as const, where: "tcp", span: SPAN };
  thread.post({ kind: "ask", id: 7, name: "page", args: [choice, 5, undefined], ms: 1000 });
  const budget = { ms: 1000, signal: new AbortController().signal };
  const value = await store.page(choice, 5, undefined, budget);
  assertEquals(value.rows.length, 5);
  assertEquals(await thread.next(), structuredClone({ kind: "answer" as const, id: 7, value }));
});

Deno.test("Errors keep their class and their place between threads", async () => {
  await using store = new MemoryStore();
  const thread = await opened(store);
  const choice = { kind: "packet", where: "tcp prot 22", span: SPAN };
  thread.post({ kind: "ask", id: 1, name: "page", args: [choice, 5, undefined], ms: 1000 });
  const failed = await thread.next();
  assert(failed.kind === "failed");
  const error = errorOf(failed.error);
  assertInstanceOf(error, ExpressionError);
  assertEquals([error.offset, error.length, error.expression], [4, 4, "tcp prot 22"]);
  assertEquals(error.reason, '"prot" is not a word of expressions; did you mean "port"?');

  store.beforeAnswer = () => Promise.reject(new OutputError("fw.db", "Cannot read fw.db: gone"));
  thread.post({ kind: "ask", id: 2, name: "losses", args: [SPAN], ms: 1000 });
  const refused = await thread.next();
  assert(refused.kind === "failed");
  const other = errorOf(refused.error);
  assertInstanceOf(other, OutputError);
  assertEquals([other.output, other.message], ["fw.db", "Cannot read fw.db: gone"]);
});

Deno.test("A cancelled question ends", async () => {
  await using store = new MemoryStore();
  store.beforeAnswer = (_name, { signal }) =>
    new Promise((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason))
    );
  const thread = await opened(store);
  thread.post({ kind: "ask", id: 1, name: "losses", args: [SPAN], ms: 1000 });
  thread.post({ kind: "cancel", id: 1 });
  assertEquals((await thread.next()).kind, "failed");
  assertEquals(store.open.size, 0);
});

Deno.test("Records of a download come as they are taken, and end when they are not", async () => {
  await using store = new MemoryStore();
  new MadeUp(store).fill(1.7e12, 1.7e12 + 60_000, 4000);
  const thread = await opened(store);
  thread.post({
    kind: "ask",
    id: 1,
    name: "each",
    args: [{ kind: "packet", span: SPAN }],
    ms: 9000,
  });
  const first = await thread.next();
  assert(first.kind === "records");
  assertEquals(first.records.length, 500);
  const asked = store.asked.get("record")!;
  thread.post({ kind: "more", id: 1, goOn: true });
  assertEquals((await thread.next()).kind, "records");
  assertEquals(store.asked.get("record"), asked + 500);
  thread.post({ kind: "more", id: 1, goOn: false });
  assertEquals((await thread.next()).kind, "answer");
  assertEquals(store.asked.get("record"), asked + 500);
});

Deno.test("A store that is away is opened later, and one that works is not opened again", async () => {
  await using store = new MemoryStore();
  let opens = 0;
  const thread = new Thread(() =>
    ++opens === 1 ? Promise.reject(new OutputError("fw.db", "away")) : Promise.resolve(store)
  );
  thread.post({ kind: "open", target: TARGET });
  assertEquals((await thread.next()).kind, "refused");
  thread.post({ kind: "ask", id: 1, name: "losses", args: [SPAN], ms: 1000 });
  assertEquals((await thread.next()).kind, "failed");
  for (let time = 0; time < 2; time++) {
    thread.post({ kind: "open", target: TARGET });
    assertEquals((await thread.next()).kind, "opened");
  }
  assertEquals(opens, 2);
  store.beforeAnswer = () => Promise.reject(new OutputError("fw.db", "broken"));
  thread.post({ kind: "open", target: TARGET });
  assertEquals((await thread.next()).kind, "opened");
  assertEquals(opens, 3);
});
