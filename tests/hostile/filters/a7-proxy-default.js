// Exports a function that is a proxy, with traps that throw.
// deno-lint-ignore-file
const filter = (_packet) => "pcap";
let calls = 0;
export default new Proxy(filter, {
  apply(target, _self, args) {
    if (++calls % 10 === 0) throw new Error("trap");
    return target(...args);
  },
  get: () => {
    throw new Error("get");
  },
});
