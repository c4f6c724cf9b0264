/// <reference lib="dom" />
import { assert, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { ENTRIES_MAX } from "../../../src/web/page/table/entries.ts";
import { count } from "../../../src/web/page/text/format.ts";
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

inChromium("A page that shows 5,000 rows a second", async (step, chromium) => {
  await step("has no more memory and elements with time", async () => {
    await using site = await new MadeUpSite().start();
    await using tab = await openPage(chromium, site, { query: "?from=-1m&to=now" });
    await tab.see(".pulse", "/s");
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
    for (let n = 0; n < SECONDS * STEPS; n++) {
      await delay(Math.max(0, start + n * 1000 / STEPS - Date.now()));
      site.fill(RATE / STEPS, Date.now() - 50, Date.now());
      if (n % (LOOK * STEPS) === 0) await look();
    }
    await tab.see(".toolbar-count", /[\d,]{3,} rows/);
    await look();
    if (SECONDS < 60) return;
    const half = Math.floor(full.length / 2);
    const [before, after] = [mean(full.slice(0, half)), mean(full.slice(half))];
    console.log(`${before} bytes, then ${after}, in ${full.length} looks`);
    assert(after < before * GROWTH_MAX);
  });
});
