/// <reference lib="dom" />
/**
 * Captures the web page over made-up records, for the documents: `scripts/screens_web` runs it.
 *
 * @module
 */

import { Chromium, type TabOptions } from "./browser/chromium.ts";
import { MadeUpSite, openPage } from "./browser/page.ts";

const MINUTE = 60_000;

/** A picture: its window, an element that is there when it is complete, and keys before that. */
interface Screen extends TabOptions {
  keys?: string[];
  complete: string;
}

const SCREENS: Readonly<Record<string, Screen>> = {
  "web-packets": { query: "?from=-1h&to=now", complete: ".cell-times" },
  "web-record": {
    query: "?from=-1h&to=now&where=action+drop&by=prefix",
    width: 1440,
    height: 900,
    isDark: true,
    keys: ["j", "j", "j", "j", "o"],
    complete: ".drawer-dump",
  },
  "web-phone": { width: 390, height: 780, query: "?from=-1h&to=now", complete: ".cell-times" },
};

/** Makes an hour of a small gateway, with a scan by one host in its middle. */
function fill(site: MadeUpSite, now: number): void {
  site.records.fill(now - 60 * MINUTE, now - MINUTE / 30, 6000);
  site.store.inOne(() => {
    for (let n = 0; n < 900; n++) {
      site.records.packet(now - 35 * MINUTE + n * 400, "DROP in ", {
        source: "203.0.113.77",
        destination: "192.0.2.11",
        inDev: "eth0",
        tcp: { sourcePort: 51_000, destinationPort: 23, flags: "SYN" },
      });
    }
    for (let n = 0; n < 7; n++) site.scan(now - 900 + n, 40_022);
  });
  site.store.addLoss({ timeMs: now - 31 * MINUTE, host: "gw1", capture: "nflog:1", packets: 812 });
}

const [folder = "."] = Deno.args;
await using chromium = await Chromium.start();
for (const [name, screen] of Object.entries(SCREENS)) {
  await using site = await new MadeUpSite().start();
  fill(site, Date.now());
  await using tab = await openPage(chromium, site, screen);
  await tab.see(".line-row", /./);
  await tab.see(".chart-total", /\d/);
  await tab.press(...screen.keys ?? []);
  await tab.see(screen.complete, /./);
  await tab.see(".pulse", "/s");
  await tab.page.evaluate(() => document.fonts.ready.then(() => undefined));
  await tab.page.screenshot({ path: `${folder}/${name}.png` });
}
