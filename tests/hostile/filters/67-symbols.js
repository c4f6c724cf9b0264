// Registers symbols, properties and code without an end.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  for (let i = 0;; i++) {
    Symbol.for("x".repeat(1000) + i);
    globalThis["p" + i] = new Function("return " + i);
  }
  return "pcap";
};
