// Clones and transfers without an end.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  const seed = Array.from({ length: 1e5 }, (_, i) => ({ i }));
  for (;;) keep.push(structuredClone(seed));
  return "pcap";
};
