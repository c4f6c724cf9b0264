/// <reference lib="dom" />
import { assert, assertEquals, assertLess } from "@std/assert";
import { inChromium, MadeUpSite, openPage } from "./page.ts";

const MINUTE = 60_000;

inChromium("The table of packets", async (step, chromium) => {
  await step("shows the newest on top, and what arrives", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    site.scan(now - 2000, 1111);
    site.web(now - 1000, 2222);
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "ACCEPT fwd");
    const [first, second] = await tab.texts(".line-row");
    assert(first!.includes("2222") && second!.includes("1111"), `${first} | ${second}`);
    site.scan(Date.now(), 3333);
    await tab.see(".line-row", "3333");
    assert((await tab.texts(".line-row"))[0]!.includes("3333"));
  });

  await step("holds rows back while it is paused or scrolled, and lets them in", async () => {
    await using site = await new MadeUpSite().start();
    site.fill(300, Date.now() - 5 * MINUTE, Date.now());
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "DROP in");
    await tab.press("p");
    await tab.see(".live", "Paused");
    site.scan(Date.now(), 4444);
    await tab.see(".records-held", "1 new");
    assert(!(await tab.texts(".line-row")).some((text) => text.includes("4444")));
    await tab.press("p");
    await tab.see(".line-row", "4444");
    await tab.page.$eval(".table", (table) => table.scrollTo({ top: 2000 }));
    // The page must have seen the scroll before the row arrives.
    await tab.page.waitForFunction(() => {
      const [first] = document.querySelectorAll(".line-row");
      return Number(first?.getAttribute("aria-rowindex")) > 20;
    });
    site.scan(Date.now(), 5555);
    await tab.see(".records-held", "1 new");
    await tab.click(".records-held");
    await tab.see(".line-row", "5555");
  });

  await step("goes 10,000 rows back, each once and in order", async () => {
    await using site = await new MadeUpSite().start();
    site.fill(10_500, Date.now() - 10 * MINUTE, Date.now() - MINUTE);
    await using tab = await openPage(chromium, site);
    await tab.press("g");
    await tab.see(".line-row", "DROP in");
    await tab.page.waitForFunction(() => {
      const table = document.querySelector(".table")!;
      table.scrollTop = table.scrollHeight;
      return Number(table.firstElementChild!.getAttribute("aria-rowcount")) > 10_500;
    }, { polling: "raf" });
    await tab.see(".below", "That is all");
    assertEquals(
      await tab.page.$eval(".table-grid", (table) => table.getAttribute("aria-rowcount")),
      "10501",
    );
    const texts = await tab.texts(".line-row .cell-time");
    assertEquals(texts, texts.toSorted().reverse());
    assertLess(await tab.page.$$eval(".line", (lines) => lines.length), 120);
  });

  await step("shows rows that are alike as one, and each on demand", async () => {
    await using site = await new MadeUpSite().start();
    const now = Date.now();
    for (let n = 0; n < 7; n++) site.web(now - 3000 + n, 2000 + n);
    site.scan(now - 1000, 1111);
    await using tab = await openPage(chromium, site);
    await tab.see(".cell-times", "×7");
    assertEquals((await tab.texts(".line-row")).length, 2);
    await tab.click(".cell-times");
    await tab.see(".line-member", "2006");
    assertEquals((await tab.texts(".line-row")).length, 9);
    await tab.click(".cell-times");
    await tab.seeNone(".line-member");
    await tab.press("g");
    await tab.seeNone(".cell-times");
    assertEquals((await tab.texts(".line-row")).length, 8);
  });

  await step(
    "shows losses where they happened, and rows that are too many as skipped",
    async () => {
      await using site = await new MadeUpSite().start();
      const now = Date.now();
      site.scan(now - 9000, 1111);
      site.store.addLoss({ timeMs: now - 5000, host: "gw1", capture: "nflog:1", packets: 1234 });
      site.scan(now - 1000, 2222);
      await using tab = await openPage(chromium, site);
      await tab.see(".line-loss", "1,234 lost by the kernel on nflog:1 of gw1");
      const lines = await tab.texts(".table-lines .line");
      assertEquals(lines.map((text) => /1111|lost|2222/.exec(text)![0]), ["2222", "lost", "1111"]);
      site.fill(3000, Date.now() - 400, Date.now() - 100);
      // It stands below the newest 200.
      await tab.page.waitForFunction(() => {
        const table = document.querySelector(".table")!;
        if (Number(table.firstElementChild!.getAttribute("aria-rowcount")) > 100) {
          table.scrollTop += 500;
        }
        return document.querySelector(".line-skip") !== null;
      }, { polling: 100 });
      await tab.see(".line-skip", /[\d,]+ rows skipped/);
      await tab.click(".line-skip .cell");
      await tab.seeAddress(/from=20.*to=20/);
      await tab.seeNone(".line-skip");
      await tab.see(".line-row", "DROP in");
    },
  );

  await step("goes on where it was after a lost connection", async () => {
    await using site = await new MadeUpSite().start();
    site.scan(Date.now() - 1000, 1111);
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.see(".pulse", "/s");
    const { port } = site;
    await site.stop();
    await tab.see(".pulse", "No connection");
    site.scan(Date.now(), 2222);
    await site.start({ place: { hostname: "127.0.0.1", port } });
    await tab.see(".line-row", "2222");
    assertEquals((await tab.texts(".line-row")).length, 2);
    // Chromium tells of each connection that it cannot make.
    tab.problems.length = 0;
  });
});
