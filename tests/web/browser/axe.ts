/// <reference lib="dom" />
/** Rules of accessibility, checked by axe. */

import { assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Tab } from "./chromium.ts";

/** Requires that axe finds nothing on the page as it is, or in a part of it. */
export async function requireAccessible(
  tab: Tab,
  what: string,
  part = "html",
): Promise<void> {
  // Evaluated by the debugger, which the page's policy does not bind.
  await tab.page.evaluate(axe.source);
  const found = await tab.page.evaluate(async (part) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(part);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${html}: ${failureSummary}`)
    );
  }, part);
  assertEquals(found, [], what);
}

/** Requires the same at the widths of a phone, a notebook and a large screen, and that nothing overflows. */
export async function requireAccessibleAtWidths(tab: Tab, part: string): Promise<void> {
  for (const width of [390, 1280, 2560]) {
    await tab.page.setViewport({ width, height: 800 });
    await tab.page.waitForFunction((width) => innerWidth === width, {}, width);
    await requireAccessible(tab, `${part} at ${width} pixels`, part);
    const overflows = await tab.page.$eval(part, (view) => view.scrollWidth > view.clientWidth);
    assertEquals(overflows, false, `${part} is wider than ${width} pixels`);
  }
}
