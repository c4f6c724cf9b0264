// Keeps results of matches in a string of megabytes.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) keep.push([..."ab".repeat(1e6).matchAll(/./g)]);
  return "pcap";
};
