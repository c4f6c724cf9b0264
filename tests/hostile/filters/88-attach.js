// Attaches fields that JSON cannot hold, that are too many, and that call back.
// deno-lint-ignore-file
const circle = {};
circle.circle = circle;
const attempts = [
  () => circle,
  () => ({ a: "x".repeat(1e7) }),
  () => ({
    toJSON() {
      return 7;
    },
  }),
  () => ({
    a: {
      toJSON: () => {
        throw new Error("x");
      },
    },
  }),
  () => ({
    get a() {
      throw new Error("x");
    },
  }),
  () =>
    new Proxy({}, {
      ownKeys: () => Array.from({ length: 1e5 }, (_, i) => `k${i}`),
      getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }),
    }),
  () => ({ a: 10n ** 1000n, b: NaN, c: undefined, d: () => {}, e: "\0\ud800" }),
  () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}'),
  () => [],
  () => null,
  () => 7,
  () => JSON.parse("[".repeat(1000) + "]".repeat(1000)),
  () => ({ a: JSON.rawJSON?.('"\\u0000"') }),
];
let count = 0;
export default (_packet, context) => {
  try {
    context.attach(attempts[count++ % attempts.length]());
  } catch { /* As it should. */ }
  if ({}.polluted !== undefined) context.log("GOT all objects");
  if (count === 300) context.log("done");
  return "pcap";
};
