// Has lists, buffers and patterns make objects of its own.
// deno-lint-ignore-file
let count = 0;
class Evil extends Array {
  static get [Symbol.species]() {
    return function () {
      return new Proxy([], {
        defineProperty() {
          throw new Error("x");
        },
      });
    };
  }
}
for (const target of [Array, Uint8Array, ArrayBuffer, Map, Set, Promise, RegExp]) {
  try {
    Object.defineProperty(target, Symbol.species, { get: () => Evil });
  } catch { /* It is frozen. */ }
}
for (
  const [object, symbol] of [
    [String.prototype, Symbol.iterator],
    [RegExp.prototype, Symbol.replace],
    [RegExp.prototype, Symbol.match],
    [Array.prototype, Symbol.iterator],
    [Array.prototype, Symbol.isConcatSpreadable],
    [Object.prototype, Symbol.toPrimitive],
    [Object.prototype, Symbol.toStringTag],
    [Function.prototype, Symbol.hasInstance],
    [Object.prototype, Symbol.asyncIterator],
    [Array.prototype, Symbol.unscopables],
  ]
) {
  try {
    Object.defineProperty(object, symbol, {
      configurable: true,
      value: () => {
        throw new Error("x");
      },
    });
  } catch { /* It is frozen. */ }
}
export default (_packet, context) => {
  count++;
  context.emit("logemu", { A: new Evil("x", "y"), B: { [Symbol.toPrimitive]: () => "z" } });
  if (count === 200) context.log("done");
  return new Evil("pcap");
};
