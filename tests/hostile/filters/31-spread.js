// Spreads a string of 200 million characters into a call.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  Math.max(..."x".repeat(2e8));
  return "pcap";
};
