// Keeps shared buffers, and grows them.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) {
    const b = new SharedArrayBuffer(10, { maxByteLength: 1e8 });
    b.grow(1e8);
    new Uint8Array(b).fill(1);
    keep.push(b);
  }
  return "pcap";
};
