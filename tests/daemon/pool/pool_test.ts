import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type PoolPlan, SandboxPool } from "../../../src/daemon/pool/pool.ts";
import type { Sandbox } from "../../../src/daemon/pool/sandbox.ts";
import { SandboxLog } from "../../../src/daemon/pool/sandbox_log.ts";
import type { SandboxWatch } from "../../../src/daemon/pool/watch.ts";
import { Kind } from "../../../src/sandbox/slot.ts";

/** A sandbox that does nothing but tell what it was asked. */
class IdleSandbox {
  readonly events: string[] = [];
  readonly free: unknown[] = [1];
  dispatched: { kind: number }[] = [];
  stopPending = false;
  fatal: Error | undefined;
  tickMs: number | undefined;
  nextCheckMs = Infinity;
  awaited = 0;
  readonly files = undefined;
  seen: boolean[] = [];

  check(_nowMs: number, isUnseen: boolean): void {
    this.seen.push(isUnseen);
  }
  drain(): void {
    this.events.push("drain");
  }
  expedite(): void {
    this.events.push("expedite");
  }
  bypassScript(): void {
    this.events.push("bypassScript");
  }
  close(): Promise<void> {
    this.events.push("close");
    return Promise.resolve();
  }
}

interface Loading {
  sandbox: IdleSandbox;
  worker: number;
  ended: AbortSignal;
  done: PromiseWithResolvers<void>;
}

/** Returns a plan whose sandboxes a test has in its hands. */
function planOf({ workers = 1, isQuick = true } = {}) {
  const loads: Loading[] = [];
  const retired: IdleSandbox[] = [];
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const log = { info: say, warn: say, error: say };
  const events: string[] = [];
  const plan: PoolPlan = {
    script: undefined,
    timeoutMs: 1000,
    retire: (sandboxes) => retired.push(...sandboxes as unknown as IdleSandbox[]),
    setup: {
      sources: [],
      outputs: [],
      actions: {},
      script: undefined,
      onError: "pass",
      timeoutMs: 1000,
      workers,
      trace: false,
    },
    seal: () => ({ user: undefined, heap: 0, permissions: {}, unsealed: false }),
    slots: 2,
    log,
    sandboxLog: new SandboxLog(log),
    watch: {
      block: (ms: number) => events.push(`block ${ms}`),
      close: () => {
        events.push("watch closed");
        return Promise.resolve();
      },
    } as unknown as SandboxWatch,
    wake: () => events.push("wake"),
    async load(_plan, worker, _files, ended) {
      const done = Promise.withResolvers<void>();
      const sandbox = new IdleSandbox();
      loads.push({ sandbox, worker, ended, done });
      if (plans.isQuick) done.resolve();
      await done.promise;
      return sandbox as unknown as Sandbox;
    },
  };
  const plans = { plan, loads, retired, said, events, isQuick };
  return plans;
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("A pool has as many sandboxes as workers, numbered", async () => {
  const { plan, loads } = planOf({ workers: 3 });
  const pool = await SandboxPool.load(plan);
  assertEquals(loads.map(({ worker }) => worker), [0, 1, 2]);
  assertEquals(pool.members.length, 3);
  await pool.close();
  assert(loads.every(({ sandbox }) => sandbox.events.join() === "drain,close"));
});

Deno.test("Where one sandbox cannot be loaded, the others are closed", async () => {
  const plans = planOf({ workers: 3, isQuick: false });
  const loading = SandboxPool.load(plans.plan);
  await turn();
  plans.loads[0]!.done.resolve();
  plans.loads[2]!.done.resolve();
  plans.loads[1]!.done.reject(new Error("no such file"));
  await assertRejects(() => loading, Error, "no such file");
  const events = plans.loads.map(({ sandbox }) => sandbox.events);
  assertEquals(events, [["close"], [], ["close"]]);
});

Deno.test("A new version takes over whole; the old one finishes what it has, and is closed then", async () => {
  const { plan, loads, retired, events } = planOf();
  const pool = await SandboxPool.load(plan);
  const old = loads[0]!.sandbox;
  old.dispatched = [{ kind: Kind.PACKETS }];
  await pool.reload();
  assertEquals([pool.members.length, retired], [1, [old]]);
  assert(pool.members[0] as unknown !== old);
  assert(events.includes("wake"));
  pool.check(1);
  assertEquals(old.events, [], "it has work left");
  old.dispatched = [];
  old.stopPending = true;
  pool.check(2);
  assertEquals(old.events, [], "its script's stop() has not ended");
  old.stopPending = false;
  pool.check(3);
  assertEquals(old.events, ["drain", "close"]);
  pool.check(4);
  assertEquals(old.events, ["drain", "close"]);
  await pool.close();
  assertEquals(old.events, ["drain", "close"]);
});

Deno.test("A version that does not load leaves the old one, is said once, and the next one is taken", async () => {
  const plans = planOf();
  const pool = await SandboxPool.load(plans.plan);
  const [old] = pool.members;
  plans.isQuick = false;
  const reloading = pool.reload();
  await turn();
  plans.loads[1]!.done.reject(new Error("line 3: unexpected token"));
  await reloading;
  assertEquals(pool.members, [old!]);
  assertEquals(pool.refusal, "The filter was not replaced: line 3: unexpected token");
  assertEquals(plans.said, [`${pool.refusal}; the one before goes on`]);
  plans.isQuick = true;
  await pool.reload();
  assertEquals([pool.refusal, pool.members[0] === old], [undefined, false]);
  await pool.close();
});

Deno.test("What is asked while a version is loaded is loaded after it, once", async () => {
  const plans = planOf();
  const pool = await SandboxPool.load(plans.plan);
  plans.isQuick = false;
  const first = pool.reload();
  pool.reload();
  pool.reload();
  await turn();
  assertEquals(plans.loads.length, 2);
  plans.loads[1]!.done.resolve();
  await first;
  await turn();
  assertEquals(plans.loads.length, 3);
  plans.loads[2]!.done.resolve();
  await turn();
  assertEquals([plans.loads.length, plans.retired.length], [3, 2]);
  await pool.close();
});

Deno.test("A close in the middle of a reload leaves no sandbox behind", async () => {
  const plans = planOf();
  const pool = await SandboxPool.load(plans.plan);
  plans.isQuick = false;
  pool.reload();
  await turn();
  const closing = pool.close();
  assert(plans.loads[1]!.ended.aborted);
  plans.loads[1]!.done.resolve();
  await closing;
  assertEquals(plans.loads.map(({ sandbox }) => sandbox.events.at(-1)), ["close", "close"]);
  assertEquals(plans.events.at(-1), "watch closed");
  await pool.reload();
  assertEquals(plans.loads.length, 2);
});

Deno.test("An expedited pool expedites the sandboxes of a later version, too", async () => {
  const { plan, loads } = planOf();
  const pool = await SandboxPool.load(plan);
  pool.expedite();
  await pool.reload();
  assertEquals(loads.map(({ sandbox }) => sandbox.events), [["expedite"], ["expedite"]]);
  pool.bypassScript();
  assertEquals(loads.map(({ sandbox }) => sandbox.events.at(-1)), ["bypassScript", "bypassScript"]);
  await pool.close();
});

Deno.test("A tick is due after its interval, once, and not while one is under way", async () => {
  const { plan, loads } = planOf();
  const pool = await SandboxPool.load(plan);
  const { sandbox } = loads[0]!;
  assertEquals([pool.dueTicks(0).length, pool.nextTickMs], [0, Infinity]);
  sandbox.tickMs = 100;
  assertEquals(pool.dueTicks(1000).length, 0, "the first interval begins");
  assertEquals(pool.nextTickMs, 1100);
  assertEquals([pool.dueTicks(1099).length, pool.dueTicks(1100).length], [0, 1]);
  assertEquals(pool.dueTicks(1150).length, 0);
  sandbox.dispatched = [{ kind: Kind.TICK }];
  assertEquals(pool.dueTicks(1300).length, 0, "the one before is not done");
  sandbox.dispatched = [];
  sandbox.free.length = 0;
  assertEquals(pool.dueTicks(1500).length, 0, "no slot is free");
  sandbox.nextCheckMs = 7;
  assertEquals(pool.nextTickMs, 7);
  await pool.close();
});

Deno.test("A process that was stopped itself says of no sandbox that it hangs", async () => {
  const { plan, loads } = planOf();
  const pool = await SandboxPool.load(plan);
  for (const nowMs of [10_000, 10_100, 13_000, 13_100]) pool.check(nowMs);
  assertEquals(loads[0]!.sandbox.seen, [true, false, true, false]);
  await pool.close();
});

Deno.test("A sandbox without hope ends the run", async () => {
  const { plan, loads } = planOf();
  const pool = await SandboxPool.load(plan);
  loads[0]!.sandbox.fatal = new Error("Cannot go on");
  assertThrows(() => pool.check(1), Error, "Cannot go on");
  await pool.close();
});
