/// <reference lib="dom" />
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { requireAccessible, requireAccessibleAtWidths } from "./axe.ts";
import type { Chromium, Tab } from "./chromium.ts";
import { inChromium, MadeUpSite, openPage } from "./page.ts";
import { addAnswer, addRequest, addTranslated } from "./records.ts";

/** Starts a server with a request and its answer, among others. */
async function siteWithFlow(): Promise<MadeUpSite> {
  const site = await new MadeUpSite().start();
  const now = Date.now();
  addRequest(site, now - 3000);
  addAnswer(site, now - 2000);
  site.scan(now - 1000, 1111);
  addTranslated(site, now - 60_000, now - 1000);
  return site;
}

/** Opens the drawer of the request. */
async function openDrawer(chromium: Chromium, site: MadeUpSite): Promise<Tab> {
  // Sixteen bytes a line.
  const tab = await openPage(chromium, site, { query: "?kind=packet&id=1", width: 1280 });
  await tab.see(".drawer-name", "destinationPort");
  return tab;
}

/** Returns the bytes that are marked, and the field. */
async function marked(tab: Tab): Promise<[bytes: string, field: string]> {
  const bytes = await tab.texts(".drawer-byte.drawer-marked");
  const [field = ""] = await tab.texts(".drawer-field.drawer-marked .drawer-name");
  return [bytes.join(" "), field];
}

/** Waits until a field and its bytes are marked. */
async function seeMarked(tab: Tab, field: string, bytes: string): Promise<void> {
  await tab.see(".drawer-field.drawer-marked .drawer-name", new RegExp(`^${field}$`));
  assertEquals(await marked(tab), [bytes, field]);
}

/** Returns whether the first element that fits is in view as a whole. */
function isInView(tab: Tab, selector: string): Promise<boolean> {
  return tab.page.$eval(selector, (element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  });
}

inChromium("The drawer", async (step, chromium) => {
  await step("marks the bytes of a field, and the field of a byte, by the pointer", async () => {
    await using site = await siteWithFlow();
    await using tab = await openDrawer(chromium, site);
    await tab.page.hover(".drawer-field ::-p-text(destinationPort)");
    await seeMarked(tab, "destinationPort", "00 16");
    await tab.see(".drawer-decoded .drawer-said", "destinationPort: 22 (ssh), bytes 22 to 23");
    assert(await isInView(tab, ".drawer-byte.drawer-marked"));
    await tab.page.hover(".drawer-byte[data-at='9']");
    await seeMarked(tab, "protocol", "06");
    await tab.page.hover(".drawer-text [data-at='12']");
    await seeMarked(tab, "source", "cb 00 71 07");
    await tab.page.hover(".drawer-head");
    await tab.seeNone(".drawer-marked");
  });

  await step("marks them by keys, too, and closes headers", async () => {
    await using site = await siteWithFlow();
    await using tab = await openDrawer(chromium, site);
    await tab.page.focus(".drawer-tree [tabindex='0']");
    await tab.press("End");
    await seeMarked(tab, "urgentPointer", "00 00");
    assert(await isInView(tab, ".drawer-field:focus"));
    assert(await isInView(tab, ".drawer-byte.drawer-marked"));
    await tab.press("ArrowUp", "ArrowUp", "ArrowUp");
    await seeMarked(tab, "flags", "02");
    await tab.press("ArrowLeft");
    await tab.see(".drawer-field:focus .drawer-name", "TCP");
    await tab.press("ArrowLeft");
    await tab.see(".drawer-field:focus[aria-expanded='false'] .drawer-name", "TCP");
    assert(!(await tab.texts(".drawer-name")).includes("urgentPointer"));
    assertEquals((await marked(tab))[0].split(" ").length, 20);
    await tab.press("Tab");
    await tab.see(".drawer-byte:focus", "9c");
    await tab.press("ArrowRight");
    await tab.see(".drawer-field.drawer-marked .drawer-name", "TCP");
    await tab.press("Home");
    await seeMarked(tab, "destination", "c0 00 02 0a");
    await tab.press("ArrowUp", "ArrowRight");
    await seeMarked(tab, "protocol", "06");
  });

  await step("copies the record as expression, rule, command and JSON", async () => {
    await using site = await siteWithFlow();
    await using tab = await openDrawer(chromium, site);
    await tab.page.browserContext().overridePermissions(site.address.slice(0, -1), [
      "clipboard-read",
      "clipboard-sanitized-write",
    ]);
    const copied = async () => {
      await tab.click(".drawer-copy-button");
      await tab.see(".drawer-copy .drawer-said", "Copied");
      return await tab.page.evaluate(() => navigator.clipboard.readText());
    };
    const form = async (name: string) => {
      await tab.click(`.drawer-bar button ::-p-text(${name})`);
    };
    assertEquals(
      await copied(),
      'prefix "DROP in " and hook input and in "eth0" and tcp and src host 203.0.113.7 and ' +
        "src port 40000 and dst host 192.0.2.10 and dst port 22",
    );
    await form("nft rule");
    await tab.click("label ::-p-text(drop)");
    await tab.see(".drawer-code", "counter drop'");
    assertMatch(await copied(), /^# Drops packets .*\n#.*\nnft 'insert rule inet filter input /);
    await form("iptables rule");
    assertMatch(await copied(), /\niptables -I INPUT -i eth0 -s 203\.0\.113\.7 .* -j DROP$/);
    await form("tcpdump");
    assertStringIncludes(await copied(), "tcpdump -n -i any 'tcp and ((src host");
    await form("JSON");
    assertEquals(JSON.parse(await copied()).destinationPort, 22);
  });

  await step("leads to all of the flow, and downloads it", async () => {
    await using site = await siteWithFlow();
    await using tab = await openDrawer(chromium, site);
    const files = await tab.page.$$eval(
      ".drawer a[download]",
      (links) => links.map((link) => (link as HTMLAnchorElement).href),
    );
    assertEquals(files.length, 2);
    for (const [file, packets] of [[files[0]!, 1], [files[1]!, 2]] as const) {
      const bytes = await tab.page.evaluate(
        async (file) => [...new Uint8Array(await (await fetch(file)).arrayBuffer())],
        file,
      );
      // Each packet is 40 bytes long.
      assertEquals(bytes.length, 24 + packets * (16 + 40), file);
    }
    await tab.click(".drawer a ::-p-text(All of this flow)");
    await tab.seeNone(".drawer");
    await tab.seeAddress(/where=tcp and \(\(src host 203\.0\.113\.7/);
    await tab.see(".toolbar-count", "2 rows");
  });

  await step("adds and excludes terms, and opens an address", async () => {
    await using site = await siteWithFlow();
    await using tab = await openDrawer(chromium, site);
    await tab.click(".drawer-term[title^='Search for in eth0']");
    await tab.seeAddress(/where=in eth0/);
    await tab.page.goBack();
    await tab.see(".drawer-name", "destinationPort");
    await tab.page.focus(".drawer-small[title^='Exclude tcp']");
    await tab.press("Enter");
    await tab.seeAddress(/where=not tcp/);
    await tab.page.goBack();
    await tab.see(".drawer-name", "destinationPort");
    await tab.page.focus(".drawer-small[title^='Everything about 203.0.113.7']");
    await tab.press("Enter");
    await tab.seeAddress(/about=203\.0\.113\.7/);
  });

  await step("opens and closes by keys, and gives the focus back", async () => {
    await using site = await siteWithFlow();
    await using tab = await openPage(chromium, site);
    await tab.see(".line-row", "1111");
    await tab.press("j", "j", "j", "o");
    await tab.see("#drawer-title:focus", "TCP 203.0.113.7:40000 → 192.0.2.10:22");
    await tab.press("Escape");
    await tab.seeNone(".drawer");
    await tab.press("k", "o");
    await tab.see("#drawer-title", "TCP 192.0.2.10:22 → 203.0.113.7:40000");
  });

  await step("says how bytes are stored where there are none", async () => {
    await using site = await siteWithFlow();
    site.records.packet(Date.now(), "no bytes ", { udp: {} }, { payload: null as never });
    await using tab = await openPage(chromium, site, { query: "?kind=packet&id=4" });
    await tab.see(".drawer-none", "payload = true");
  });

  await step("shows names and bytes of the network as text", async () => {
    await using site = await new MadeUpSite().start();
    const markup = "<img src=x onerror=alert(1)>";
    site.records.packet(Date.now() - 1000, markup, { udp: {}, data: markup }, { in_dev: markup });
    await using tab = await openPage(chromium, site, { query: "?kind=packet&id=1" });
    await tab.see(".drawer-fact", markup);
    await tab.see(".drawer-code", "<img src=x onerror=alert(1)>");
    assertEquals(await tab.page.$$eval("img", (images) => images.length), 0);
  });

  await step("shows a record whose values no packet has", async () => {
    await using site = await new MadeUpSite().start();
    site.records.packet(0, "", { udp: {} }, { time: Number.MIN_SAFE_INTEGER, protocol: 999 });
    await using tab = await openPage(chromium, site, { query: "?kind=packet&id=1" });
    await tab.see(".drawer-fact", "1684-07-28");
    await tab.see(".drawer-name", "sourcePort");
  });

  await step("shows a flow, and leads to its packets", async () => {
    await using site = await siteWithFlow();
    await using tab = await openPage(chromium, site, { query: "?kind=flow&id=1" });
    await tab.see("#drawer-title", "TCP 10.0.0.7:50000 → 192.0.2.1:443");
    await tab.see(".drawer-fact", "198.51.100.7:61000");
    await tab.see(".drawer-fact", "10 packets, 56.0 kB");
    await tab.click(".drawer a ::-p-text(All of this flow)");
    await tab.seeAddress(
      /kind=packet&where=tcp and .*dst host 198\.51\.100\.7 and dst port 61000/,
    );
  });

  await step("is accessible at each width, light and dark", async () => {
    await using site = await siteWithFlow();
    await using light = await openDrawer(chromium, site);
    await light.click(".drawer-bar button ::-p-text(nft rule)");
    await requireAccessibleAtWidths(light, ".drawer");
    await using dark = await openPage(chromium, site, {
      query: "?kind=packet&id=1",
      isDark: true,
    });
    await dark.see(".drawer-name", "destinationPort");
    await requireAccessible(dark, "the drawer in the dark", ".drawer");
  });
});
