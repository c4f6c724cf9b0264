/// <reference lib="dom" />
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inChromium, MadeUpSite, openPage } from "./page.ts";
import type { Tab } from "./chromium.ts";

const MINUTE = 60_000;
const LINE = ".search input";

/** Starts a server with one packet that was dropped and two that were let through. */
async function siteWithThree(): Promise<MadeUpSite> {
  const site = await new MadeUpSite().start();
  const now = Date.now();
  site.web(now - 3000, 2222);
  site.scan(now - 2000, 1111);
  site.web(now - 1000, 3333);
  return site;
}

function valueOf(tab: Tab): Promise<string> {
  return tab.page.$eval(LINE, (input) => (input as HTMLInputElement).value);
}

/** Returns the place of an element, which the page may be drawing anew. */
async function boxOf(tab: Tab, selector: string) {
  for (;;) {
    const box = await (await tab.page.waitForSelector(selector))!.boundingBox();
    if (box !== null) return box;
  }
}

inChromium("Searching", async (step, chromium) => {
  await step("takes an expression, keeps it in the address, and goes back", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.press("/");
    await tab.page.keyboard.type("tcp port 443");
    await tab.press("Enter");
    await tab.seeAddress(/where=tcp port 443/);
    await tab.see(".toolbar-count", "2 rows");
    await using other = await chromium.open(site.address, {
      query: `${tab.query.replaceAll(" ", "+")}&token=made-up`,
    });
    await other.see(".toolbar-count", "2 rows");
    assertEquals(await valueOf(other), "tcp port 443");
    await tab.page.goBack();
    await tab.see(".toolbar-count", "3 rows");
    assertEquals(await valueOf(tab), "");
  });

  await step("completes words and values by keys and by mouse", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.press("/");
    await tab.page.keyboard.type("pref");
    await tab.see(".search-offer li", "prefix");
    await tab.press("ArrowDown", "Enter");
    await tab.see(".search-offer li", '"DROP in "');
    await tab.click(".search-offer li:first-child");
    assertStringIncludes(await valueOf(tab), 'prefix "');
    await tab.press("Escape", "Enter");
    await tab.seeAddress(/where=prefix "/);
    // A key is a character while a line is written in.
    await tab.press("\\");
    assertEquals((await valueOf(tab)).at(-1), "\\");
  });

  await step("points at a mistake, and searches for nothing then", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.click(LINE);
    await tab.page.keyboard.type("tcp prot 22");
    await tab.press("Enter");
    await tab.see(".search-error", 'did you mean "port"');
    assertEquals(await tab.texts(".search-mirror mark"), ["prot"]);
    assertEquals(
      await tab.page.$eval(LINE, (input) => input.getAttribute("aria-invalid")),
      "true",
    );
    assert(!tab.query.includes("where="));
    await using other = await openPage(chromium, site, { query: "?where=tcp+prot+22" });
    await other.see(".search-error", "port");
    await other.see("h2", "cannot be read");
  });

  await step("adds the value of a cell, or excludes it, by mouse and by keys", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.click(".line-row .cell-prefix");
    await tab.seeAddress(/where=prefix "ACCEPT fwd "/);
    await tab.see(".toolbar-count", "2 rows");
    await tab.click(".line-row .cell-source", { shift: true });
    await tab.seeAddress(/where=prefix "ACCEPT fwd " and not src host 10\.0\.0\.20/);
    await tab.see(".below", "No packets here");
    await tab.click(".below .button:last-child");
    await tab.see(".toolbar-count", "3 rows");
    await tab.page.focus(".table-grid");
    await tab.press("Home", ...Array(20).fill("ArrowLeft"), "ArrowRight", "ArrowRight");
    await tab.see(".cell-active", "accept");
    await tab.press("-");
    await tab.seeAddress(/where=not action accept/);
    await tab.see(".toolbar-count", "1 row");
    await tab.press("+");
    await tab.press("\\");
    await tab.see(".toolbar-count", "3 rows");
    // Moves to the table's first row again, and to its destination.
    await tab.page.focus(".table-grid");
    await tab.press("Home");
    await tab.page.$eval(".cell-destination.cell-term", (cell) => (cell as HTMLElement).click());
    await tab.seeAddress(/where=dst host 198\.51\.100\.7/);
  });

  await step("keeps searches in the browser", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site, { query: "?where=tcp+port+22" });
    await tab.see(".toolbar-count", "1 row");
    await tab.press("s");
    await tab.page.type(".saved-form input", "shells");
    await tab.press("Enter");
    await tab.see(".saved-list", "shells");
    await tab.press("Escape", "\\");
    await tab.see(".toolbar-count", "3 rows");
    await tab.page.reload();
    await tab.see(".toolbar-count", "3 rows");
    await tab.click(".saved > .button");
    await tab.click(".saved-list .button-row");
    await tab.seeAddress(/where=tcp port 22/);
    await tab.click(".saved > .button");
    await tab.click(".saved-list .button");
    await tab.see(".saved .note", "Nothing is saved");
  });

  await step("is filtered by the lists, and leads to the page of an address", async () => {
    await using site = await siteWithThree();
    await using tab = await openPage(chromium, site);
    await tab.see(".top-list", "Sources");
    await tab.click(".top-list:first-child li:first-child .top-entry");
    await tab.seeAddress(/where=src host 10\.0\.0\.20/);
    await tab.click(".search-field .button");
    await tab.seeAddress(/^(?!.*where=)/);
    await tab.page.hover(".top-list:first-child li");
    await tab.click(".top-list:first-child li:first-child .button");
    await tab.see(".about h2", "10.0.0.20");
    await tab.see(".about-facts", /Sent\s+2 packets/);
    await tab.see(".about-facts", /Received\s+0 packets/);
    await tab.see(".about-ways", "198.51.100.7");
    await tab.click(".about-ways .top-entry");
    await tab.seeAddress(/where=src host 10\.0\.0\.20 and dst host 198\.51\.100\.7/);
    await tab.see(".toolbar-count", "2 rows");
    await tab.page.focus(".table-grid");
    await tab.press("ArrowDown", ...Array(7).fill("ArrowRight"), "a");
    await tab.seeAddress(/about=10\.0\.0\.20/);
    await tab.press("Escape");
    await tab.see(".toolbar-count", "2 rows");
  });
});

inChromium("The time", async (step, chromium) => {
  await step("is chosen by presets, by writing, and by keys", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    // Each half a minute away from the ends of the ranges.
    site.fill(60, now - 59.5 * MINUTE, now + 0.5 * MINUTE);
    await using tab = await openPage(chromium, site);
    await tab.see(".chart-total", "15 packets");
    await tab.press("z");
    await tab.seeAddress(/from=-1h/);
    await tab.see(".chart-total", "60 packets");
    await tab.press("[");
    await tab.seeAddress(/from=20.*to=20/);
    await tab.see(".live", "Past");
    await tab.press("]", "l");
    await tab.seeAddress(/from=-15m&to=now/);
    await tab.press("r");
    await tab.click(".picker-presets li:nth-child(6) button");
    await tab.seeAddress(/from=-24h/);
    await tab.see(".picker-range", "Last 24 hours");
    await tab.press("r");
    const [from] = await tab.page.$$(".picker-fixed input");
    await from!.click({ count: 3 });
    await from!.type("yesterday");
    await tab.see(".picker-fixed .note", "The start is no time");
    await from!.click({ count: 3 });
    await from!.type("-2h");
    await tab.press("Enter");
    await tab.seeAddress(/from=20.*&to=now/);
    await tab.see(".chart-total", "60 packets");
  });

  await step("is dragged in the chart, and the chart says what it shows", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    site.fill(600, now - 58 * MINUTE, now - MINUTE);
    await using tab = await openPage(chromium, site, { query: "?from=-1h&to=now" });
    await tab.see(".chart-total", "600 packets");
    const box = await boxOf(tab, ".u-over");
    const y = box.y + box.height / 2;
    await tab.page.mouse.move(box.x + box.width * 0.5, y);
    await tab.see(".chart-total", /\d+ packets in (?:1 minute|30 seconds) from/);
    await tab.page.mouse.down();
    await tab.page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 });
    await tab.page.mouse.up();
    await tab.seeAddress(/from=20.*to=20/);
    await tab.page.mouse.move(5, 5);
    await tab.see(".chart-total", /^1[45]\d packets$/);
    const summary = await tab.page.$eval(".plot", (plot) => plot.getAttribute("aria-label"));
    assert(/^1[45]\d packets from 20/.test(summary!), summary!);
    await tab.click(".chart-key");
    await tab.seeAddress(/where=action drop/);
    await tab.press("b");
    await tab.seeAddress(/by=prefix/);
    await tab.see(".chart-key", "DROP in");
    await tab.press("m");
    await tab.seeAddress(/measure=bytes/);
    await tab.see(".chart-total", "kB");
  });
});
