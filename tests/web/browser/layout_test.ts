/// <reference lib="dom" />
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Chart } from "../../../src/output/table/reading.ts";
import { requireAccessible } from "./axe.ts";
import type { Tab } from "./chromium.ts";
import { inChromium, MadeUpSite, openPage } from "./page.ts";

const MINUTE = 60_000;

/** Returns how much wider than its window the page is, in pixels. */
function overflow(tab: Tab): Promise<number> {
  return tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

async function filledSite(): Promise<MadeUpSite> {
  const site = await new MadeUpSite().start();
  const now = Date.now();
  site.records.fill(now - 10 * MINUTE, now, 600);
  site.store.addLoss({ timeMs: now - MINUTE, host: "gw1", capture: "nflog:1", packets: 1234 });
  return site;
}

inChromium("The page", async (step, chromium) => {
  await using site = await filledSite();

  for (const [width, isDark] of [[390, false], [1280, true], [2560, false]] as const) {
    await step(`has nothing that axe finds, ${width} pixels wide`, async () => {
      await using tab = await openPage(chromium, site, { width, isDark });
      await tab.see(".line-row", ".");
      await tab.see(".chart-total", "packets");
      await requireAccessible(tab, "the table");
      assert(await overflow(tab) <= 0);
    });
  }

  await step(
    "has nothing that axe finds in boxes that it opens, which keys open and close",
    async () => {
      await using tab = await openPage(chromium, site);
      await tab.see(".line-row", ".");
      await tab.press("?");
      await tab.see(".help", "Write a search");
      await requireAccessible(tab, "the keys", ".help");
      await tab.press("Escape");
      await tab.seeNone(".help");
      for (const key of ["r", "s", "c", "w"]) {
        await tab.press(key);
        await tab.see(".popover-box", /./);
        await requireAccessible(tab, `the box of ${key}`, ".popover-box");
        await tab.press("Escape");
        await tab.seeNone(".popover-box");
      }
    },
  );

  await step("has nothing that axe finds on its other parts", async () => {
    for (const query of ["?about=192.0.2.10"]) {
      for (const width of [390, 1280]) {
        await using tab = await openPage(chromium, site, { query, width });
        await tab.see(".pulse", /./);
        await tab.see("main", /./);
        await requireAccessible(tab, `${query} ${width}`);
        assert(await overflow(tab) <= 0, `${query} ${width}`);
      }
    }
  });

  await step("is used by touch on a phone", async () => {
    await using tab = await openPage(chromium, site, { width: 390, height: 800 });
    await tab.see(".line-row", ".");
    const tap = async (selector: string) =>
      await (await tab.page.waitForSelector(selector, { visible: true }))!.tap();
    await tap('.toolbar [aria-label="Top"]');
    await tap(".top-list:first-child .top-entry");
    await tab.seeAddress(/where=src host/);
    await tap(".search-field .button");
    await tab.seeAddress(/^(?!.*where=)/);
    await tap('.toolbar [aria-label="Top"]');
    await tab.seeNone(".top-list");
    await tap('.toolbar [aria-label="Group"]');
    await tap(".picker .popover > .button");
    await tap(".picker-presets li:nth-child(4) button");
    await tab.seeAddress(/from=-1h/);
    await tap(".live");
    await tab.see(".live", "Paused");
    await tap('[aria-label="Choose columns"]');
    await tab.see(".column-choice", "Source port");
    await tap(".chart-legend");
    await tab.seeNone(".column-choice");
    await tap(".line-row .cell-source");
    await tab.seeAddress(/id=/);
    await tab.see(".records-side", /./);
    await requireAccessible(tab, "the record on a phone");
    assert(await overflow(tab) <= 0);
    await tab.page.goBack();
    await tab.seeNone(".records-side");
    await tap(".head-tabs a:nth-child(2)");
    await tab.seeAddress(/kind=flow/);
  });

  await step("opens records by keys, one after the other, and closes them", async () => {
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", ".");
    await tab.press("j", "o");
    await tab.seeAddress(/id=\d+/);
    await tab.see(".line-open", /./);
    await tab.see(".records-side", /./);
    await requireAccessible(tab, "the record");
    const { query } = tab;
    await tab.press("j");
    await tab.page.waitForFunction(
      (query) => decodeURIComponent(location.search) !== query,
      {},
      query,
    );
    await tab.press("Escape");
    await tab.seeAddress(/^(?!.*id=)/);
    // The table has the focus again.
    await tab.press("Home", "Enter");
    await tab.seeAddress(/id=\d+/);
    await tab.press("Escape");
    await tab.seeAddress(/^(?!.*id=)/);
    await tab.click(".line-row .cell-time");
    await tab.see(".records-side", /./);
  });

  await step("keeps columns, colours and the zone of times in the browser", async () => {
    await using tab = await openPage(chromium, site);
    await tab.see(".line-head", "Protocol");
    await tab.press("c");
    await tab.click(".column-choice li:nth-child(15) input");
    await tab.see(".line-head", "Mark");
    await tab.press("Escape", "d");
    await tab.page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
    await tab.click(".head .button[title^='Times']");
    await tab.page.reload();
    await tab.see(".line-head", "Mark");
    await tab.see(".head", "UTC");
    assertEquals(await tab.page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await tab.click('[aria-label="Choose columns"]');
    await tab.click(".column-choice + .button");
    await tab.page.waitForFunction(() =>
      !document.querySelector<HTMLElement>(".line-head")!.innerText.includes("Mark")
    );
  });

  await step("downloads what is found", async () => {
    await using tab = await openPage(chromium, site, { query: "?where=action+drop" });
    await tab.see(".line-row", ".");
    await tab.press("w");
    await tab.see(".download", "pcapng");
    const csv = await tab.page.evaluate(async () => {
      const links = [...document.querySelectorAll<HTMLAnchorElement>(".download a")];
      const link = links.find(({ href }) => href.includes("format=csv"))!;
      return await (await fetch(link.href)).text();
    });
    assertStringIncludes(csv, "DROP in ");
    assert(!csv.includes("ACCEPT"), csv.slice(0, 500));
  });

  await step("shows hostile texts as text", async () => {
    const now = Date.now();
    const hostile = "<img src=x onerror=alert(1)>";
    for (let n = 0; n < 30; n++) {
      site.records.packet(now - n, n % 2 ? hostile : "\u202Egnp.exe<script>alert(1)</script>", {
        source: "203.0.113.66",
        destination: "192.0.2.10",
        inDev: "eth0",
        udp: { sourcePort: 1000 + n, destinationPort: 9 },
        data: "<script>alert(2)</script>\u202E",
      }, { in_dev: "<b>if0</b>", host: "<i>gw1</i>" });
    }
    await using tab = await openPage(chromium, site, { query: "?where=udp+port+9&by=prefix" });
    const dialogs: unknown[] = [];
    tab.page.on("dialog", async (dialog) => {
      dialogs.push(dialog);
      await dialog.dismiss();
    });
    await tab.see(".line-row .cell-prefix", hostile);
    await tab.see(".line-row .cell-prefix", "\\u202egnp.exe<script>");
    await tab.see(".line-row .cell-in", "<b>if0</b>");
    await tab.see(".chart-key", hostile);
    await tab.see(".top-entry", hostile);
    await tab.click(".line-row .cell-prefix");
    await tab.seeAddress(/onerror=alert|<script>/);
    await tab.see(".line-row", "203.0.113.66");
    await tab.press("j", "o");
    await tab.see(".records-side", /./);
    assertEquals(
      await tab.page.$$eval("img, b b, .line b, .line i, .line script", (all) => all.length),
      0,
    );
    assertEquals(dialogs, []);
  });
});

inChromium("What goes wrong", async (step, chromium) => {
  await step("a browser without the token learns how to get one", async () => {
    await using site = await filledSite();
    await using tab = await chromium.open(site.address);
    await tab.see("body", /token/);
    tab.problems.length = 0;
  });

  await step(
    "a question that fails shows its error in the answer's place, and is asked again",
    async () => {
      await using site = await filledSite();
      await using tab = await openPage(chromium, site, { query: "?from=-1m&to=now" });
      await tab.see(".line-row", ".");
      site.store.beforeAnswer = (name) =>
        ["top", "chart"].includes(name) ? Promise.reject(new Error("broken")) : Promise.resolve();
      await tab.see(".chart-plot .notice", /failed/);
      await tab.see(".records-lists .notice", /failed/);
      site.store.beforeAnswer = () => Promise.resolve();
      await tab.click(".chart-plot .notice .button");
      await tab.seeNone(".chart-plot .notice");
      tab.problems.length = 0;
    },
  );

  await step(
    "an answer that cannot be drawn leaves the rest of the page, until there is another",
    async () => {
      await using site = await filledSite();
      const { store } = site;
      const chart = store.chart.bind(store);
      store.chart = () => Promise.resolve({} as Chart);
      await using tab = await openPage(chromium, site, { query: "?by=prefix" });
      await tab.see(".main > .notice", "cannot be shown, by a fault of the page");
      await tab.see(".head-tabs", "Health");
      store.chart = chart;
      await tab.click(".main > .notice .button");
      await tab.see(".line-row", /./);
      tab.problems.length = 0;
    },
  );

  await step("a store in which nothing is shows what to do, until something arrives", async () => {
    await using site = await new MadeUpSite().start();
    await using tab = await openPage(chromium, site);
    await tab.see(".nothing", /./);
    site.scan(Date.now(), 1111);
    await tab.see(".line-row", "1111");
  });
});
