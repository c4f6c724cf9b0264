// Replaces constructors of errors, maps, buffers and events by its own.
// deno-lint-ignore-file
let count = 0;
const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]/.test(name));
export default (_packet, context) => {
  if (++count === 5) {
    for (const name of names) {
      const original = globalThis[name];
      if (typeof original !== "function" || name === "Deno") continue;
      try {
        globalThis[name] = class {
          constructor(...args) {
            throw { args };
          }
        };
      } catch { /* It is frozen. */ }
    }
  }
  if (count % 10 === 0) return "nope";
  if (count % 10 === 1) return 7;
  if (count % 10 === 2) throw 7;
  if (count % 10 === 3) context.emit("nope", {});
  return "pcap";
};
