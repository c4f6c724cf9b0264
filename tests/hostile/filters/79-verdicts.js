// Answers with values that are no verdict: getters, proxies, huge lists, arrays that change.
// @config timeout_ms = 2000
// deno-lint-ignore-file
const nothing = () => {
  throw new Error("x");
};
let reads = 0;
const answers = [
  () => new Array(1e6).fill("pcap"),
  () =>
    new Proxy(["pcap"], { get: (list, key) => key === "length" ? ++reads % 3 * 1e5 : list[key] }),
  () => new Proxy([], { get: nothing, has: nothing, getPrototypeOf: nothing }),
  () => Object.defineProperty(["pcap"], 0, { get: () => reads++ % 2 ? "pcap" : 7 }),
  () => ({ toString: () => "pcap" }),
  () => ["pcap", ["logemu"]],
  () => "\x1b[2J\u202e",
  () => "x".repeat(1e7),
  () => new String("pcap"),
  () => Symbol.iterator,
  () => Number.NaN,
  () => -1,
  () => 2 ** 31,
  () => "__proto__",
  () => "constructor",
  () => ["pcap", "toString"],
  () => new Array(2 ** 32 - 1),
  () => Object.assign(["pcap"], { length: 1 }),
  () => Object.freeze(["pcap", "pcap", "pcap"]),
];
let count = 0;
export default (_packet, context) => {
  count++;
  if (count > 19 * 20) context.log("done");
  return count % 20 === 0 ? answers[count / 20 % answers.length]() : "pcap";
};
