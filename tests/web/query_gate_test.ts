import { assertEquals, assertRejects } from "@std/assert";
import { QueryGate } from "../../src/web/server/query_gate.ts";
import { RequestError } from "../../src/web/server/request_error.ts";

const { signal } = new AbortController();

Deno.test("Questions wait in order until there is room", async () => {
  const gate = new QueryGate({ atOnce: 1, waiting: 2 });
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const ask = (name: string, until?: Promise<void>) =>
    gate.run(signal, async () => {
      order.push(name);
      await until;
    });
  const running = [ask("first", first.promise), ask("second"), ask("third")];
  await assertRejects(() => ask("fourth"), RequestError, "Too many questions at once");
  assertEquals(order, ["first"]);
  first.resolve();
  await Promise.all(running);
  assertEquals(order, ["first", "second", "third"]);
});

Deno.test("A question whose browser has left is never asked, and leaves its place", async () => {
  const gate = new QueryGate({ atOnce: 1, waiting: 1 });
  const first = Promise.withResolvers<void>();
  const running = gate.run(signal, () => first.promise);
  const leaving = new AbortController();
  const left = gate.run(leaving.signal, () => Promise.reject(new Error("asked")));
  leaving.abort(new Error("left"));
  await assertRejects(() => left, Error, "left");
  const next = gate.run(signal, () => Promise.resolve("answer"));
  first.resolve();
  await running;
  assertEquals(await next, "answer");
});

Deno.test("A question that fails makes room for the next", async () => {
  const gate = new QueryGate({ atOnce: 1, waiting: 0 });
  await assertRejects(
    () => gate.run(signal, () => Promise.reject(new Error("broken"))),
    Error,
    "broken",
  );
  assertEquals(await gate.run(signal, () => Promise.resolve(1)), 1);
});
