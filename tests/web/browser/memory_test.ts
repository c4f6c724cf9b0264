/// <reference lib="dom" />
import { assert, assertGreater, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { inChromium, MadeUpSite, openPage } from "./page.ts";

/** Length of the flood; `deno task soak:web` asks for a longer one. */
const SECONDS = Number(Deno.env.get("WEB_SOAK_SECONDS") ?? 6);
/** Rows in a second, and times in a second at which they arrive. */
const [RATE, STEPS] = [5000, 20];
/** Most memory of the page's script, in bytes: 20,000 rows and the page itself. */
const HEAP_MAX = 120e6;
/** Time by which a page of the last minute has as many rows as it will ever have, in seconds. */
const FULL_AFTER = 90;

inChromium("A page that shows 5,000 rows a second", async (step, chromium) => {
  await step("has no more memory and elements with time", async () => {
    await using site = await new MadeUpSite().start();
    await using tab = await openPage(chromium, site, { query: "?from=-1m&to=now" });
    await tab.see(".pulse", "/s");
    // The lists of this store count all rows each time: the test would measure that.
    await tab.press("t");
    const session = await tab.page.createCDPSession();
    const heap = async () => {
      await session.send("HeapProfiler.collectGarbage");
      return (await tab.page.metrics()).JSHeapUsedSize!;
    };
    const [samples, start] = [[] as number[], Date.now()];
    let sent = 0;
    for (let due = start; due < start + SECONDS * 1000; due += 1000 / STEPS) {
      await delay(Math.max(0, due - Date.now()));
      site.fill(RATE / STEPS, Date.now() - 50, Date.now());
      sent += RATE / STEPS;
      if (sent % (RATE * 5) > 0) continue;
      samples.push(await heap());
      if (SECONDS > FULL_AFTER) {
        console.log(`${sent} rows: ${Math.round(samples.at(-1)! / 1e6)} MB`);
      }
    }
    samples.push(await heap());
    await tab.see(".toolbar-count", /[\d,]{3,} rows/);
    const elements = await tab.page.evaluate(() => document.querySelectorAll("*").length);
    assertLess(elements, 3000);
    assertLess(Math.max(...samples), HEAP_MAX);
    assertGreater(sent, RATE * SECONDS - RATE);
    if (SECONDS <= 2 * FULL_AFTER) return;
    const full = samples.slice(FULL_AFTER / 5);
    const half = full.length / 2;
    const mean = (some: number[]) => some.reduce((sum, value) => sum + value, 0) / some.length;
    const [before, after] = [mean(full.slice(0, half)), mean(full.slice(half))];
    assert(after < before * 1.1, `from ${before} to ${after} bytes`);
  });
});
