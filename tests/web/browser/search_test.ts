/// <reference lib="dom" />
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inChromium, MadeUpSite, openPage } from "./page.ts";
import type { Window } from "./chromium.ts";

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

function valueOf(window: Window): Promise<string> {
  return window.page.$eval(LINE, (input) => (input as HTMLInputElement).value);
}

inChromium("Searching", async (step, chromium) => {
  await step("takes an expression, keeps it in the address, and goes back", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site);
    await window.see(".line-row", "1111");
    await window.press("/");
    await window.page.keyboard.type("tcp port 443");
    await window.press("Enter");
    await window.seeAddress(/where=tcp port 443/);
    await window.see(".toolbar-count", "2 rows");
    await using other = await chromium.open(site.address, {
      query: `${window.query.replaceAll(" ", "+")}&token=made-up`,
    });
    await other.see(".toolbar-count", "2 rows");
    assertEquals(await valueOf(other), "tcp port 443");
    await window.page.goBack();
    await window.see(".toolbar-count", "3 rows");
    assertEquals(await valueOf(window), "");
  });

  await step("completes words and values by keys and by mouse", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site);
    await window.see(".line-row", "1111");
    await window.press("/");
    await window.page.keyboard.type("pref");
    await window.see(".search-offer li", "prefix");
    await window.press("ArrowDown", "Enter");
    await window.see(".search-offer li", '"DROP in "');
    await window.click(".search-offer li:first-child");
    assertStringIncludes(await valueOf(window), 'prefix "');
    await window.press("Escape", "Enter");
    await window.seeAddress(/where=prefix "/);
    // A key is a character while a line is written in.
    await window.press("\\");
    assertEquals((await valueOf(window)).at(-1), "\\");
  });

  await step("points at a mistake, and searches for nothing then", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site);
    await window.see(".line-row", "1111");
    await window.click(LINE);
    await window.page.keyboard.type("tcp prot 22");
    await window.press("Enter");
    await window.see(".search-error", 'did you mean "port"');
    assertEquals(await window.texts(".search-mirror mark"), ["prot"]);
    assertEquals(
      await window.page.$eval(LINE, (input) => input.getAttribute("aria-invalid")),
      "true",
    );
    assert(!window.query.includes("where="));
    await using other = await openPage(chromium, site, { query: "?where=tcp+prot+22" });
    await other.see(".search-error", "port");
    await other.see("h2", "cannot be read");
  });

  await step("adds the value of a cell, or excludes it, by mouse and by keys", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site);
    await window.see(".line-row", "1111");
    await window.click(".line-row .cell-prefix");
    await window.seeAddress(/where=prefix "ACCEPT fwd "/);
    await window.see(".toolbar-count", "2 rows");
    await window.click(".line-row .cell-source", { shift: true });
    await window.seeAddress(/where=prefix "ACCEPT fwd " and not src host 10\.0\.0\.20/);
    await window.see(".below", "No packets here");
    await window.click(".below .button:last-child");
    await window.see(".toolbar-count", "3 rows");
    await window.page.focus(".table");
    await window.press("Home", ...Array(20).fill("ArrowLeft"), "ArrowRight", "ArrowRight");
    await window.see(".cell-active", "accept");
    await window.press("-");
    await window.seeAddress(/where=not action accept/);
    await window.see(".toolbar-count", "1 row");
    await window.press("+");
    await window.press("\\");
    await window.see(".toolbar-count", "3 rows");
    // Moves to the table's first row again, and to its destination.
    await window.page.focus(".table");
    await window.press("Home");
    await window.page.$eval(".cell-destination.cell-term", (cell) => (cell as HTMLElement).click());
    await window.seeAddress(/where=dst host 198\.51\.100\.7/);
  });

  await step("keeps searches in the browser", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site, { query: "?where=tcp+port+22" });
    await window.see(".toolbar-count", "1 row");
    await window.press("s");
    await window.page.type(".saved-form input", "shells");
    await window.press("Enter");
    await window.see(".saved-list", "shells");
    await window.press("Escape", "\\");
    await window.see(".toolbar-count", "3 rows");
    await window.page.reload();
    await window.see(".toolbar-count", "3 rows");
    await window.click(".saved > .button");
    await window.click(".saved-list .button-row");
    await window.seeAddress(/where=tcp port 22/);
    await window.click(".saved > .button");
    await window.click(".saved-list .button");
    await window.see(".saved .note", "Nothing is saved");
  });

  await step("is filtered by the lists, and leads to the page of an address", async () => {
    await using site = await siteWithThree();
    await using window = await openPage(chromium, site);
    await window.see(".top-list", "Sources");
    await window.click(".top-list:first-child li:first-child .top-entry");
    await window.seeAddress(/where=src host 10\.0\.0\.20/);
    await window.click(".search-field .button");
    await window.seeAddress(/^(?!.*where=)/);
    await window.page.hover(".top-list:first-child li");
    await window.click(".top-list:first-child li:first-child .button");
    await window.see(".about h2", "10.0.0.20");
    await window.see(".about-facts", /Sent\s+2 packets/);
    await window.see(".about-facts", /Received\s+0 packets/);
    await window.see(".about-ways", "198.51.100.7");
    await window.click(".about-ways .top-entry");
    await window.seeAddress(/where=src host 10\.0\.0\.20 and dst host 198\.51\.100\.7/);
    await window.see(".toolbar-count", "2 rows");
    await window.page.focus(".table");
    await window.press("ArrowDown", ...Array(7).fill("ArrowRight"), "a");
    await window.seeAddress(/about=10\.0\.0\.20/);
    await window.press("Escape");
    await window.see(".toolbar-count", "2 rows");
  });
});

inChromium("The time", async (step, chromium) => {
  await step("is chosen by presets, by writing, and by keys", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    // Each half a minute away from the ends of the ranges.
    site.fill(60, now - 59.5 * MINUTE, now + 0.5 * MINUTE);
    await using window = await openPage(chromium, site);
    await window.see(".chart-total", "15 packets");
    await window.press("z");
    await window.seeAddress(/from=-1h/);
    await window.see(".chart-total", "60 packets");
    await window.press("[");
    await window.seeAddress(/from=20.*to=20/);
    await window.see(".live", "Past");
    await window.press("]", "l");
    await window.seeAddress(/from=-15m&to=now/);
    await window.press("r");
    await window.click(".picker-presets li:nth-child(6) button");
    await window.seeAddress(/from=-24h/);
    await window.see(".picker-range", "Last 24 hours");
    await window.press("r");
    const [from] = await window.page.$$(".picker-fixed input");
    await from!.click({ count: 3 });
    await from!.type("yesterday");
    await window.see(".picker-fixed .note", "The start is no time");
    await from!.click({ count: 3 });
    await from!.type("-2h");
    await window.press("Enter");
    await window.seeAddress(/from=20.*&to=now/);
    await window.see(".chart-total", "60 packets");
  });

  await step("is dragged in the chart, and the chart says what it shows", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    site.fill(600, now - 58 * MINUTE, now - MINUTE);
    await using window = await openPage(chromium, site, { query: "?from=-1h&to=now" });
    await window.see(".chart-total", "600 packets");
    const box = (await (await window.page.waitForSelector(".u-over"))!.boundingBox())!;
    const y = box.y + box.height / 2;
    await window.page.mouse.move(box.x + box.width * 0.5, y);
    await window.see(".chart-total", /\d+ packets in (?:1 minute|30 seconds) from/);
    await window.page.mouse.down();
    await window.page.mouse.move(box.x + box.width * 0.75, y, { steps: 4 });
    await window.page.mouse.up();
    await window.seeAddress(/from=20.*to=20/);
    await window.page.mouse.move(5, 5);
    await window.see(".chart-total", /^1[45]\d packets$/);
    const summary = await window.page.$eval(".plot", (plot) => plot.getAttribute("aria-label"));
    assert(/^1[45]\d packets from 20/.test(summary!), summary!);
    await window.click(".chart-key");
    await window.seeAddress(/where=action drop/);
    await window.press("b");
    await window.seeAddress(/by=prefix/);
    await window.see(".chart-key", "DROP in");
    await window.press("m");
    await window.seeAddress(/measure=bytes/);
    await window.see(".chart-total", "kB");
  });
});
