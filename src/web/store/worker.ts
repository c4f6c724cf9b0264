/** The thread that reads the store, which may access that alone. */

import { serveStore } from "./store_thread.ts";
import type { FromStore, ToStore } from "./messages.ts";

declare const self: Worker;

const receive = serveStore((message) => self.postMessage(message));
self.onmessage = ({ data }: MessageEvent<ToStore>) => receive(data);
// A broken connection may reject promises that are no longer awaited: the next question fails.
globalThis.addEventListener("unhandledrejection", (event) => event.preventDefault());
self.postMessage({ kind: "loaded" } satisfies FromStore);
