/// <reference lib="dom" />
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Stats } from "../../../src/daemon/telemetry/stats_client.ts";
import { madeUpStats } from "../serve.ts";
import { requireAccessibleAtWidths } from "./axe.ts";
import { inChromium, MadeUpSite, openPage } from "./page.ts";
import { addOpen, addTranslated } from "./records.ts";

/** End and start of the translated flow. */
const END = Date.UTC(2026, 0, 31, 10, 0, 0);
const START = END - 60_000;

/** Returns counters of a daemon that has received nothing. */
function silent(): Stats {
  const none = { received: 0, lost: 0, malformed: 0, foreign: 0 };
  return { ...madeUpStats(), sources: { "nflog:1": none } };
}

inChromium("The tab of NAT", async (step, chromium) => {
  await step("asks by keys, keeps the question in the address, and shows the holder", async () => {
    await using site = await new MadeUpSite().start();
    addTranslated(site, START, END);
    await using tab = await openPage(chromium, site, { query: "?view=nat" });
    await tab.see(".nat h2", "Who had this address");
    await tab.press("4");
    await tab.see(".health h2", "Health");
    await tab.press("3");
    await tab.see(".nat h2", "Who had this address");
    await tab.press("/");
    await tab.page.waitForSelector("#nat-address:focus");
    await tab.page.keyboard.type("198.51.100.7");
    await tab.press("Tab");
    await tab.page.keyboard.type("61000");
    await tab.press("Tab");
    await tab.page.keyboard.type("2026-01-31 09:59:30");
    await tab.press("Enter");
    await tab.see(".nat-table td", "10.0.0.7:50000");
    await tab.seeAddress(/view=nat&.*address=198\.51\.100\.7&port=61000&at=2026-01-31T09:59:30Z/);
    await tab.see(".nat-count", "1 flow for 198.51.100.7:61000");
    await tab.press("1");
    await tab.seeAddress(/^\?kind=packet&from=-15m&to=now$/);
    await tab.press("3");
    await tab.seeAddress(/view=nat&.*address=198\.51\.100\.7&port=61000/);
    await tab.see(".nat-table td", "10.0.0.7:50000");
    await tab.press("/");
    await tab.page.waitForSelector("#nat-address:focus");
    await tab.press("Escape");
    await tab.seeNone("#nat-address:focus");
    await using other = await openPage(chromium, site, {
      query: tab.query.replace(/&token.*/, ""),
    });
    await other.see(".nat-table td", "10.0.0.7:50000");
    await tab.click(".nat-table a ::-p-text(packets)");
    await tab.seeAddress(/kind=packet&where=tcp and .*&from=2026-01-31T09:59:00Z/);
  });

  await step("says what is wrong, and that no flow is known", async () => {
    await using site = await new MadeUpSite().start();
    addTranslated(site, START, END);
    await using tab = await openPage(chromium, site, { query: "?view=nat&port=70000" });
    await tab.page.focus("#nat-address");
    await tab.page.keyboard.type("router");
    await tab.click(".nat-ask");
    await tab.see("#nat-address-mistake", "must be an address");
    await tab.see("#nat-port-mistake", "up to 65535");
    await tab.page.waitForSelector("#nat-address:focus[aria-invalid='true']");
    await using other = await openPage(chromium, site, {
      query: "?view=nat&address=198.51.100.8&at=2026-01-31T09:59:30Z",
    });
    await other.see(
      ".nat-none",
      "No flow is recorded that was translated to 198.51.100.8 at 2026-01-31 09:59:30. Another time may",
    );
  });

  await step("says which flows no record can tell of, until one does", async () => {
    await using site = await new MadeUpSite().start();
    addTranslated(site, START, END);
    const query = "?view=nat&address=198.51.100.7&port=61000";
    await using tab = await openPage(chromium, site, { query });
    await tab.see(".nat-none", "Another time, or no port, may have one");
    await tab.see(".nothing-finding", "flows that have not ended are not here");
    await tab.see(".nothing-code pre", 'events = ["new", "destroy"]');
    // A second is asked about as a whole.
    await tab.page.type("#nat-at", "2026-01-31 09:58:59");
    await tab.press("Enter");
    await tab.see(".nat-none", "at 2026-01-31 09:58:59");
    addOpen(site, Date.UTC(2026, 0, 31, 9, 58, 59, 600));
    await tab.click(".nat-ask");
    await tab.see(".nat-table td", "still open");
    await tab.seeNone(".nothing-finding");
  });

  await step("is accessible at each width", async () => {
    await using site = await new MadeUpSite().start();
    addTranslated(site, START, END);
    await using tab = await openPage(chromium, site, {
      query: "?view=nat&address=198.51.100.7&at=2026-01-31T09:59:30Z",
    });
    await tab.see(".nat-table td", "10.0.0.7:50000");
    await requireAccessibleAtWidths(tab, ".nat");
  });
});

inChromium("The tab of flows", async (step, chromium) => {
  await step(
    "shows state, both directions and the translation, and searches for them",
    async () => {
      await using site = await new MadeUpSite().start();
      addTranslated(site, Date.now() - 90_000, Date.now() - 30_000);
      await using tab = await openPage(chromium, site, { query: "?kind=flow", width: 2560 });
      for (const text of ["destroy", "answered", "12 / 10", "3.4 kB / 56.0 kB", "1 m 0 s"]) {
        await tab.see(".line-row .cell", text);
      }
      await tab.see(".line-row .cell-nat", "as 198.51.100.7:61000");
      await tab.click(".line-row .cell-nat");
      await tab.seeAddress(/where=snat/);
      await tab.see(".line-row .cell-nat", "as 198.51.100.7:61000");
      await tab.page.goBack();
      await tab.click(".line-row .cell-state", { shift: true });
      await tab.seeAddress(/where=not status seenreply/);
      await tab.seeNone(".line-row");
    },
  );
});

inChromium("The tab of flows on a phone", async (step, chromium) => {
  await step("shows state and translation in lines of their own height", async () => {
    await using site = await new MadeUpSite().start();
    addTranslated(site, Date.now() - 90_000, Date.now() - 20_000);
    addOpen(site, Date.now() - 10_000);
    await using tab = await openPage(chromium, site, { width: 390 });
    await tab.click(".head-tabs a ::-p-text(Flows)");
    await tab.see(".line-row .cell-state", "answered");
    await tab.see(".line-row .cell-nat", "as 198.51.100.7:61000");
    const ends = await tab.page.$$eval(
      ".line-row, .line-row > .cell-nat",
      (elements) => elements.map((element) => element.getBoundingClientRect().bottom),
    );
    // Each line ends below its translation.
    const order = ends.toSorted((one, other) => one - other).map((end) => ends.indexOf(end));
    assertEquals(order, [1, 0, 3, 2]);
  });
});

inChromium("The tab of health", async (step, chromium) => {
  await step("counts as the daemon does, and tells of losses and of its end", async () => {
    let stats: Stats | null = madeUpStats();
    await using site = await new MadeUpSite().start({ stats: () => Promise.resolve(stats) });
    await using tab = await openPage(chromium, site, { query: "?view=health" });
    stats.sources = {
      "nflog:1": { received: 12_345, lost: 67, malformed: 0, foreign: 0 },
    };
    await tab.see(".health-table tbody th", "nflog:1");
    await tab.see(".health-table td.health-bad", "67");
    await tab.see(".nothing-finding", "source nflog:1: received 12,345, lost 67");
    stats = { ...stats, sources: { "nflog:1": { ...stats.sources["nflog:1"]!, lost: 0 } } };
    await tab.see(".health-well", "Nothing is lost");
    await tab.seeNone(".nothing-finding");
    stats = null;
    await tab.see(".health-away", "The last answer was at");
    await tab.see(".nothing-finding", "none answers");
    await tab.see(".nothing-code", "systemctl start nfscribe");
  });

  await step("shows the hosts of a fleet, those that need a look first", async () => {
    const host = {
      ...{ logged: 7000, lost: 0, sent: 7000, received: 7000, repeated: 0, missing: 0 },
      ...{ lastSeenMs: Date.now(), stopped: 0 },
    };
    const hosts = { web1: host, web2: { ...host, lastSeenMs: host.lastSeenMs - 7_300_000 } };
    const stats = { ...madeUpStats(), hosts };
    await using site = await new MadeUpSite().start({ stats: () => Promise.resolve(stats) });
    await using tab = await openPage(chromium, site, { query: "?view=health" });
    await tab.see('[aria-label="Hosts"] tbody tr:first-child th', "web2");
    await tab.see('[aria-label="Hosts"] .health-bad', "2 hours ago");
    await tab.see(".nothing-finding", "host web2: is silent");
    await requireAccessibleAtWidths(tab, ".health");
  });

  await step("is accessible at each width", async () => {
    await using site = await new MadeUpSite().start();
    await using tab = await openPage(chromium, site, { query: "?view=health", isDark: true });
    await tab.see(".health-table tbody th", "nflog:1");
    await requireAccessibleAtWidths(tab, ".health");
  });
});

inChromium("The view of an empty store", async (step, chromium) => {
  const start = () => new MadeUpSite().start({ stats: () => Promise.resolve(silent()) });

  await step("shows the rule to add, and the first packet by itself", async () => {
    await using site = await start();
    await using tab = await openPage(chromium, site);
    await tab.see(".nothing h2", "No packets yet");
    await tab.see(".nothing-code pre", 'ct state new counter log prefix "input" group 1');
    await tab.see(".nothing-code pre", "-j NFLOG --nflog-group 1");
    await tab.see(".nothing-finding", "rules nflog:1: nothing was received");
    await tab.see(".nothing-code pre", "nfscribe doctor");
    await tab.page.browserContext().overridePermissions(site.address.slice(0, -1), [
      "clipboard-read",
      "clipboard-sanitized-write",
    ]);
    await tab.page.focus(".nothing-code button");
    await tab.press("Enter");
    await tab.see(".nothing-said", "Copied");
    const copied = await tab.page.evaluate(() => navigator.clipboard.readText());
    assertStringIncludes(copied, "nft -f - <<'END'\nadd table inet nfscribe\n");
    site.scan(Date.now(), 1111);
    await tab.see(".line-row", "1111");
    await tab.seeNone(".nothing");
  });

  await step("says how flows are logged", async () => {
    await using site = await start();
    await using tab = await openPage(chromium, site, { query: "?kind=flow" });
    await tab.see(".nothing h2", "No flows yet");
    await tab.see(".nothing-code pre", 'type = "conntrack"');
  });

  await step("is accessible at each width", async () => {
    await using site = await start();
    await using tab = await openPage(chromium, site);
    await tab.see(".nothing h2", "No packets yet");
    await requireAccessibleAtWidths(tab, ".nothing");
  });
});
