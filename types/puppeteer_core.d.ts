/**
 * Types of the part of puppeteer-core that tests use. Its own types bring those of Node.js, which
 * replace the ones that Deno has for its modules.
 */

/// <reference lib="dom" />

/** Place and size of an element, in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** An element of a page. */
export interface ElementHandle {
  boundingBox(): Promise<Box | null>;
  click(options?: { count?: number }): Promise<void>;
  tap(): Promise<void>;
  type(text: string): Promise<void>;
}

/** A message of a page's console. */
export interface ConsoleMessage {
  type(): string;
  text(): string;
}

/** A tab of the browser. */
export interface Page {
  keyboard: {
    press(key: string): Promise<void>;
    down(key: string): Promise<void>;
    up(key: string): Promise<void>;
    type(text: string): Promise<void>;
  };
  mouse: {
    move(x: number, y: number, options?: { steps?: number }): Promise<void>;
    down(): Promise<void>;
    up(): Promise<void>;
  };
  browserContext(): BrowserContext;
  on(event: "console", listener: (message: ConsoleMessage) => void): void;
  on(event: "pageerror", listener: (error: unknown) => void): void;
  on(event: "dialog", listener: (dialog: { dismiss(): Promise<void> }) => void): void;
  url(): string;
  goto(address: string): Promise<unknown>;
  goBack(): Promise<unknown>;
  reload(): Promise<unknown>;
  focus(selector: string): Promise<void>;
  hover(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  evaluate<Given extends unknown[], T>(
    run: string | ((...given: Given) => T | Promise<T>),
    ...given: Given
  ): Promise<T>;
  $$(selector: string): Promise<ElementHandle[]>;
  $eval<T>(selector: string, run: (element: Element) => T | Promise<T>): Promise<T>;
  $$eval<T>(selector: string, run: (elements: Element[]) => T | Promise<T>): Promise<T>;
  waitForSelector(
    selector: string,
    options?: { visible?: boolean; hidden?: boolean },
  ): Promise<ElementHandle | null>;
  waitForFunction<Given extends unknown[]>(
    run: (...given: Given) => unknown,
    options?: { polling?: number | "raf" | "mutation" },
    ...given: Given
  ): Promise<unknown>;
  setDefaultTimeout(ms: number): void;
  setViewport(
    size: { width: number; height: number; deviceScaleFactor?: number; hasTouch?: boolean },
  ): Promise<void>;
  emulateMediaFeatures(features: { name: string; value: string }[]): Promise<void>;
  screenshot(options: { path?: string; type?: "png" }): Promise<Uint8Array>;
  metrics(): Promise<{ JSHeapUsedSize?: number }>;
  createCDPSession(): Promise<{ send(method: string): Promise<unknown> }>;
}

/** Pages that share what they keep. */
export interface BrowserContext {
  newPage(): Promise<Page>;
  overridePermissions(origin: string, permissions: string[]): Promise<void>;
  close(): Promise<void>;
}

/** A browser. */
export interface Browser {
  createBrowserContext(): Promise<BrowserContext>;
  close(): Promise<void>;
}

declare const puppeteer: {
  launch(options: {
    executablePath: string;
    headless: boolean;
    timeout: number;
    protocolTimeout: number;
    args: string[];
    env: Record<string, string>;
  }): Promise<Browser>;
};
export default puppeteer;
