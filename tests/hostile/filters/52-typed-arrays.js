// Keeps typed arrays that are written to.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) keep.push(new Uint8Array(1e6).fill(1));
  return "pcap";
};
