// Grows memories of WebAssembly, and writes to them.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) {
    const m = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
    m.grow(2000);
    new Uint8Array(m.buffer).fill(1);
    keep.push(m);
  }
  return "pcap";
};
