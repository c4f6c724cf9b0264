/// <reference lib="dom" />
import { inChromium, MadeUpSite, openPage } from "./page.ts";

/** Starts the server of another site, whose page asks this one as soon as it is open. */
function otherSite(address: string) {
  const page = `<!doctype html><title>asks</title>
<a href="${address}?kind=flow">a link</a>
<script>
fetch("${address}api/state", { credentials: "include" }).then(
  ({ status }) => document.title = "answered " + status,
  () => document.title = "refused",
);
</script>`;
  const headers = { "content-type": "text/html" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(page, { headers }),
  );
  // Another site than 127.0.0.1, and the same server.
  return {
    address: `http://localhost:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

inChromium("Pages of other sites", async (step, chromium) => {
  await step("get nothing by fetch, and may link here", async () => {
    await using site = await new MadeUpSite().start();
    await using other = otherSite(site.address);
    await using tab = await openPage(chromium, site);
    await tab.page.goto(other.address);
    await tab.page.waitForFunction(() => document.title === "refused");
    // The browser says so in its console, as it should.
    tab.problems.length = 0;
    await tab.page.$eval("a", (link) => (link as HTMLAnchorElement).click());
    // The cookie is not sent with the link, but with the reload that follows.
    await tab.seeAddress(/kind=flow/);
    await tab.page.waitForFunction(() => document.title.includes("flows"));
  });
});
