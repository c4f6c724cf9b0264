// Makes timers without an end.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  for (;;) setTimeout(() => {}, 1e6, new Array(100).fill(1));
  return "pcap";
};
