// Splits a string of 140 million characters.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  "x".repeat(1.4e8).split("");
  return "pcap";
};
