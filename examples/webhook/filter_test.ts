import { assertEquals } from "@std/assert";
import { filterContext, packet } from "nfscribe/testing";
import filter, { stop, tick } from "./filter.ts";

interface Batch {
  alerts: string[];
  leftOut: number;
}

/** Answers posts in the webhook's place; disposing puts the real `fetch` back. */
function webhook(answer: (batch: Batch) => Response | Promise<Response>): Disposable {
  const real = globalThis.fetch;
  globalThis.fetch = async (_address, init) => await answer(JSON.parse(String(init!.body)));
  return { [Symbol.dispose]: () => void (globalThis.fetch = real) };
}

const context = filterContext();
const knock = (sourcePort: number) => filter(packet({ tcp: { sourcePort } }));
const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("Alerts are posted together, and while a post is under way they wait", async () => {
  const batches: Batch[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  using _webhook = webhook(async (batch) => {
    batches.push(batch);
    await promise;
    return new Response();
  });
  tick(context);
  assertEquals([knock(1), knock(2)], ["logemu", "logemu"]);
  tick(context);
  knock(3);
  tick(context);
  assertEquals(batches.map(({ alerts }) => alerts.length), [2]);
  resolve();
  await turn();
  tick(context);
  await turn();
  assertEquals(batches.map(({ alerts }) => alerts.length), [2, 1]);
  assertEquals(batches[1], { alerts: [`${packet({ tcp: { sourcePort: 3 } })}`], leftOut: 0 });
});

Deno.test("What a webhook in trouble did not take comes again, a thousand alerts at the most", async () => {
  const batches: Batch[] = [];
  let status = 503;
  using _webhook = webhook((batch) => {
    batches.push(batch);
    return new Response(null, { status });
  });
  context.logged.length = 0;
  for (let n = 0; n < 1500; n++) knock(n);
  for (let n = 0; n < 2; n++) {
    tick(context);
    await turn();
    knock(2000); // there is no room for it
  }
  status = 200;
  await stop(context);
  const told = batches.map(({ alerts, leftOut }) => [alerts.length, leftOut]);
  assertEquals(told, [[1000, 500], [1000, 501], [1000, 502]]);
  assertEquals(batches[2]!.alerts[0], `${packet({ tcp: { sourcePort: 0 } })}`);
  assertEquals(context.logged, [{
    message: "Cannot tell the webhook, trying on",
    fields: {
      webhook: "http://127.0.0.1:8099/alerts",
      error: "Error: it answered with status 503",
    },
  }]);
  await stop(context);
  assertEquals(batches.length, 3);
});

Deno.test("A webhook that cannot be reached is logged with its address and the cause", async () => {
  using _webhook = webhook(() => {
    const cause = new Error("tcp connect error: Connection refused (os error 111)");
    throw new TypeError("fetch failed", { cause });
  });
  context.logged.length = 0;
  knock(1);
  await stop(context);
  assertEquals(context.logged, [{
    message: "Cannot tell the webhook, trying on",
    fields: {
      webhook: "http://127.0.0.1:8099/alerts",
      error: "Error: tcp connect error: Connection refused (os error 111)",
    },
  }]);
});
