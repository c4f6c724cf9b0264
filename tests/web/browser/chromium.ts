/// <reference lib="dom" />
/** Debian's Chromium, driven by tests. */

// @ts-types="../../../types/puppeteer_core.d.ts"
import puppeteer, { type Browser, type Page } from "puppeteer-core";

/** Places of Chromium. */
const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium on this machine; undefined where there is none. */
export const CHROMIUM: string | undefined = PROGRAMS.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Limit of each wait, in milliseconds: the machine may be busy. */
export const PATIENCE_MS: number = 60_000;

/** Options of a tab. */
export interface TabOptions {
  /** Pixels; wide enough by default for all columns in the widest of the usual fonts. */
  width?: number;
  height?: number;
  isDark?: boolean;
  /** Pixels of the screen for each of CSS. */
  scale?: number;
  /** Query of the address, with its question mark. */
  query?: string;
}

/** A browser, and the windows that were opened in it. */
export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Starts Chromium. */
  static async start(): Promise<Chromium> {
    const isRoot = Deno.uid() === 0;
    const browser = await puppeteer.launch({
      executablePath: CHROMIUM!,
      headless: true,
      timeout: PATIENCE_MS,
      protocolTimeout: 2 * PATIENCE_MS,
      args: [
        // Root cannot use the sandbox of Chromium.
        ...isRoot ? ["--no-sandbox"] : [],
        ...["--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--no-proxy-server"],
        ...["--font-render-hinting=none", "--lang=en-US"],
      ],
      env: { ...Deno.env.toObject(), TZ: "UTC" },
    });
    return new Chromium(browser);
  }

  /** Opens a page in a tab of its own, without what others have kept. */
  async open(
    address: string,
    { width = 1500, height = 800, isDark = false, scale = 1, query = "" }: TabOptions = {},
  ): Promise<Tab> {
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const isNarrow = width < 500;
    await page.setViewport({ width, height, deviceScaleFactor: scale, hasTouch: isNarrow });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: isDark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    const tab = new Tab(page, () => context.close());
    await page.goto(`${address}${query}`);
    return tab;
  }

  /** Ends Chromium. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

/** A tab with the page; its end fails if the page has written errors to the console. */
export class Tab implements AsyncDisposable {
  readonly page: Page;
  /** Messages of the console, and exceptions. */
  readonly problems: string[] = [];
  readonly #close: () => Promise<void>;

  /** Takes a page. */
  constructor(page: Page, close: () => Promise<void>) {
    this.page = page;
    this.#close = close;
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) this.problems.push(message.text());
    });
    page.on("pageerror", (error) => this.problems.push(String(error)));
  }

  /** Waits until a text stands in the first element that fits. */
  async see(selector: string, text: string | RegExp): Promise<void> {
    const pattern = typeof text === "string" ? RegExp.escape(text) : text.source;
    await this.page.waitForFunction(
      (selector, pattern) =>
        [...document.querySelectorAll(selector)].some((element) =>
          new RegExp(pattern).test((element as HTMLElement).innerText)
        ),
      { polling: 50 },
      selector,
      pattern,
    ).catch(async (error) => {
      const shown = await this.texts(selector);
      throw new Error(
        `Waited in vain for ${pattern} in ${selector}: ${shown.join(" | ")}; ${error}`,
      );
    });
  }

  /** Waits until no element fits. */
  async seeNone(selector: string): Promise<void> {
    await this.page.waitForFunction(
      (selector) => document.querySelector(selector) === null,
      { polling: 50 },
      selector,
    );
  }

  /** Waits until the query of the address fits. */
  async seeAddress(pattern: RegExp): Promise<void> {
    await this.page.waitForFunction(
      (pattern) =>
        new RegExp(pattern).test(decodeURIComponent(location.search.replaceAll("+", " "))),
      { polling: 50 },
      pattern.source,
    ).catch(() => {
      throw new Error(`Waited in vain for ${pattern} in ${this.query}`);
    });
  }

  /** Query of the address, for people. */
  get query(): string {
    return decodeURIComponent(new URL(this.page.url()).search.replaceAll("+", " "));
  }

  /** Returns the texts of all elements that fit. */
  async texts(selector: string): Promise<string[]> {
    return await this.page.$$eval(
      selector,
      (elements) => elements.map((element) => (element as HTMLElement).innerText),
    );
  }

  /** Presses keys, one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Clicks on the first element that fits; waits for it. */
  async click(selector: string, options: { shift?: boolean } = {}): Promise<void> {
    const element = await this.page.waitForSelector(selector, { visible: true });
    if (options.shift) await this.page.keyboard.down("Shift");
    await element!.click();
    if (options.shift) await this.page.keyboard.up("Shift");
  }

  /** Closes the tab. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    if (this.problems.length > 0) throw new Error(`The page wrote: ${this.problems.join("\n")}`);
  }
}
