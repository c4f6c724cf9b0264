// Keeps arrays until there is no heap left.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) keep.push(new Array(1e5).fill(keep.length));
  return "pcap";
};
