/// <reference lib="dom" />
import { assert, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { ENTRIES_MAX } from "../../../src/web/page/table/entries.ts";
import { count } from "../../../src/web/page/text/format.ts";
import type { MemoryStore } from "../memory_store.ts";
import { inChromium, MadeUpSite, openPage } from "./page.ts";

/** Length of the flood; `deno task soak:web` asks for a longer one. */
const SECONDS = Number(Deno.env.get("WEB_SOAK_SECONDS") ?? 6);
/** Rows in a second, and times in a second at which they arrive. */
const [RATE, STEPS] = [5000, 20];
/** Most memory of the page's script, in bytes, and most elements. */
const [HEAP_MAX, ELEMENTS_MAX] = [60e6, 3000];
/** Memory of the second half of a long flood by that of the first, with as many rows as are kept. */
const GROWTH_MAX = 1.25;
/** Time between two looks at the memory, in seconds. */
const LOOK = 5;

const mean = (some: number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;

/** Adds packets of the present. */
function flood(store: MemoryStore, sent: number, count: number): void {
  const time = BigInt(Date.now()) * 1000n;
  store.inOne(() => {
    for (let n = sent; n < sent + count; n++) {
      store.add("packet", {
        ...{ time, prefix: "DROP in ", in_dev: "eth0", protocol: 6, tcp_flags: 2, length: 40 },
        ...{ source_address: new Uint8Array([203, 0, 113, n % 200]), source_port: n % 65_536 },
        ...{ destination_address: new Uint8Array([192, 0, 2, 10]), destination_port: 22 },
      });
    }
  });
}

inChromium("A page that shows 5,000 rows a second", async (step, chromium) => {
  await step("has no more memory and elements with time", async () => {
    await using site = await new MadeUpSite().start();
    site.scan(Date.now(), 1);
    await using tab = await openPage(chromium, site, { query: "?from=-1m&to=now" });
    await tab.see(".line-row", "DROP in");
    // This store counts all rows each time: the test would measure that.
    await tab.press("t");
    await tab.click('.toolbar [aria-label="Chart"]');
    await tab.seeNone(".chart");
    const session = await tab.page.createCDPSession();
    const full: number[] = [];
    const look = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { JSHeapUsedSize: heap = NaN } = await tab.page.metrics();
      const elements = await tab.page.evaluate(() => document.querySelectorAll("*").length);
      assertLess(heap, HEAP_MAX);
      assertLess(elements, ELEMENTS_MAX);
      const [rows] = await tab.texts(".toolbar-count");
      if (rows?.includes(`${count(ENTRIES_MAX)} rows`)) full.push(heap);
    };
    const start = Date.now();
    let [sent, dueMs] = [0, start];
    for (let n = 0; Date.now() < start + SECONDS * 1000; n++) {
      // A machine that is too busy sends fewer.
      for (const now = Date.now(); dueMs <= now; dueMs += 1000 / STEPS) {
        flood(site.store, sent, RATE / STEPS);
        sent += RATE / STEPS;
      }
      if (n % (LOOK * STEPS) === 0) await look();
      await delay(1000 / STEPS);
    }
    await tab.see(".toolbar-count", /[\d,]{3,} rows/);
    await look();
    if (SECONDS < 60) return;
    const half = Math.floor(full.length / 2);
    const [before, after] = [mean(full.slice(0, half)), mean(full.slice(half))];
    const outcome = `${sent} rows: from ${before} to ${after} bytes, in ${full.length} looks`;
    console.log(outcome);
    assert(after < before * GROWTH_MAX, outcome);
  });
});
