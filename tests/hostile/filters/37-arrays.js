// Makes arrays of as many elements as there can be.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  for (
    const make of [
      () => new Array(2 ** 32 - 1).fill(0),
      () => Array.from({ length: 2 ** 31 }),
      () => [].concat(new Array(2 ** 31)),
      () => new Array(2 ** 27).fill(0).concat(1),
      () => Reflect.apply(Math.max, null, { length: 2 ** 28 }),
      () => [].splice.call({ length: 2 ** 53 - 1 }, 0, 1),
    ]
  ) {
    try {
      make();
    } catch {}
  }
  return "pcap";
};
