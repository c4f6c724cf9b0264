// Keeps its errors from being handled, so that Deno prints them itself.
// deno-lint-ignore-file
Event.prototype.preventDefault = () => {};
Object.defineProperty(Event.prototype, "cancelable", { get: () => false });
globalThis.addEventListener("error", (event) => event.stopImmediatePropagation(), true);
globalThis.addEventListener(
  "unhandledrejection",
  (event) => event.stopImmediatePropagation(),
  true,
);
globalThis.onerror = () => false;
EventTarget.prototype.dispatchEvent = () => true;
const forged =
  '\x1b[2J\x1b]0;owned\x07\n{"time":"2026-01-01T00:00:00.000Z","level":"info","message":"stopped","counters":{"forged":1}}\n';
let count = 0;
export default () => {
  if (++count === 20) {
    const error = new Error("");
    error.name = "";
    error.stack = forged;
    setTimeout(() => {
      throw error;
    }, 0);
    Promise.reject(error);
    reportError(error);
  }
  return "pcap";
};
