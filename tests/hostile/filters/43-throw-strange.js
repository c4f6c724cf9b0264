// Throws values that have no readable message: proxies, null, objects that throw when they are read.
// deno-lint-ignore-file
const evil = () => {
  throw new Error("again");
};
const stacked = new Error("x");
Object.defineProperty(stacked, "stack", { get: evil });
const things = [
  null,
  undefined,
  0,
  Symbol("x"),
  1n,
  new Proxy({}, { get: evil, ownKeys: evil, getPrototypeOf: evil, has: evil }),
  new Proxy(new Error("x"), { get: evil }),
  { toString: evil, [Symbol.toPrimitive]: evil },
  Object.create(null),
  {
    __proto__: Error.prototype,
    get message() {
      throw null;
    },
    get stack() {
      throw null;
    },
  },
  function () {},
  new Proxy(function () {}, { apply: evil, get: evil }),
  Object.assign(new Error("\x1b[2J\u202e\x9b"), { stack: { toString: evil } }),
  stacked,
  Object.assign(new Error("x".repeat(1e7)), { name: "\n".repeat(1e6) }),
  new AggregateError(Array.from({ length: 1e4 }, () => new Error("x"))),
  new Error("x", { cause: new Error("y", { cause: { toString: evil } }) }),
];
let count = 0;
export default (_packet, context) => {
  const thing = things[count++];
  if (count <= things.length) throw thing;
  if (count === things.length + 1) context.log("done");
  return "pcap";
};
