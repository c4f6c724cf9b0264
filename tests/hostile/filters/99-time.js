// Replaces clocks, timers and random numbers.
// deno-lint-ignore-file
let count = 0;
export default () => {
  if (++count === 5) {
    for (
      const [object, name, value] of [
        [performance, "now", () => NaN],
        [Date, "now", () => -1e300],
        [Math, "floor", () => 2 ** 53],
        [Math, "random", () => NaN],
        [globalThis, "setTimeout", () => {}],
        [globalThis, "setImmediate", (f) => f()],
        [globalThis, "clearTimeout", () => {}],
        [globalThis, "queueMicrotask", () => {}],
        [Performance.prototype, "now", () => Infinity],
        [crypto, "getRandomValues", () => {}],
        [Temporal?.Now ?? {}, "instant", () => {}],
      ]
    ) {
      try {
        object[name] = value;
        Object.defineProperty(object, name, { value });
      } catch { /* It is frozen. */ }
    }
  }
  return "pcap";
};
