import { assertEquals } from "@std/assert";
import { ConnectionLimiter, writeAll } from "../../../src/daemon/telemetry/connection_limiter.ts";

/** A connection that says whether it is open. */
class FakeConnection {
  closed = 0;
  readonly number: number;
  constructor(number: number) {
    this.number = number;
  }
  close(): void {
    this.closed++;
  }
}

/** Hands out connections that a test opens. */
class FakeListener {
  closed = 0;
  failures = 0;
  accepts = 0;
  readonly #waiting: FakeConnection[] = [];
  #next = Promise.withResolvers<void>();

  connect(connection: FakeConnection): void {
    this.#waiting.push(connection);
    this.#next.resolve();
  }

  async accept(): Promise<FakeConnection> {
    this.accepts++;
    if (this.failures > 0) {
      this.failures--;
      throw new Error("too many open files");
    }
    for (;;) {
      if (this.closed > 0) throw new Deno.errors.BadResource("closed");
      const connection = this.#waiting.shift();
      if (connection !== undefined) return connection;
      await this.#next.promise;
      this.#next = Promise.withResolvers();
    }
  }

  close(): void {
    this.closed++;
    this.#next.resolve();
  }

  unref(): void {}
}

function limiterOf(answer: () => Promise<void>, limits: { most: number; deadlineMs: number }) {
  const listener = new FakeListener();
  const limiter = new ConnectionLimiter(
    listener as unknown as Deno.Listener<Deno.Conn>,
    answer,
    limits,
  );
  return { listener, limiter };
}

const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
const FOREVER = () => new Promise<void>(() => {});

Deno.test("Who is answered is closed, also where the answer fails", async () => {
  let answers = 0;
  const { listener, limiter } = limiterOf(() => {
    if (answers++ > 0) throw new Error("it is gone");
    return Promise.resolve();
  }, { most: 4, deadlineMs: 60_000 });
  const connections = [1, 2, 3].map((number) => new FakeConnection(number));
  for (const connection of connections) listener.connect(connection);
  await turn(1);
  assertEquals(connections.map(({ closed }) => closed), [1, 1, 1]);
  await limiter.close();
  assertEquals([listener.closed, answers], [1, 3]);
});

Deno.test("One more than may be open ends the one that came first", async () => {
  const { listener, limiter } = limiterOf(FOREVER, { most: 3, deadlineMs: 60_000 });
  const connections = [0, 1, 2, 3, 4].map((number) => new FakeConnection(number));
  for (const connection of connections) listener.connect(connection);
  await turn(1);
  assertEquals(connections.map(({ closed }) => closed), [1, 1, 0, 0, 0]);
  await limiter.close();
  assertEquals(connections.map(({ closed }) => closed), [1, 1, 1, 1, 1]);
});

Deno.test("A silent connection is closed when its time is over", async () => {
  const { listener, limiter } = limiterOf(FOREVER, { most: 3, deadlineMs: 20 });
  const connection = new FakeConnection(1);
  listener.connect(connection);
  await turn(60);
  assertEquals(connection.closed, 1);
  await limiter.close();
});

Deno.test("A flood is slowed down, and a failing accept is tried again, not at once", async () => {
  const { listener, limiter } = limiterOf(() => Promise.resolve(), { most: 3, deadlineMs: 1000 });
  for (let n = 0; n < 500; n++) listener.connect(new FakeConnection(n));
  await turn(50);
  assertEquals(listener.accepts <= 65, true, `${listener.accepts}`);
  await limiter.close();
  const failing = limiterOf(() => Promise.resolve(), { most: 3, deadlineMs: 1000 });
  await turn();
  failing.listener.failures = 1000;
  failing.listener.connect(new FakeConnection(1));
  await turn(50);
  assertEquals(failing.listener.accepts <= 3, true, `${failing.listener.accepts}`);
  await failing.limiter.close();
});

Deno.test("A close does not wait for a pause, nor for who is answered", async () => {
  const { listener, limiter } = limiterOf(FOREVER, { most: 100, deadlineMs: 60_000 });
  for (let n = 0; n < 64; n++) listener.connect(new FakeConnection(n));
  await turn(5);
  const begin = performance.now();
  await limiter.close();
  assertEquals(performance.now() - begin < 80, true);
});

Deno.test("writeAll() goes on after a part was taken", async () => {
  const taken: number[] = [];
  const connection = {
    write(bytes: Uint8Array) {
      taken.push(bytes[0]!);
      return Promise.resolve(1);
    },
  };
  await writeAll(connection as unknown as Deno.Conn, Uint8Array.of(1, 2, 3));
  assertEquals(taken, [1, 2, 3]);
});
