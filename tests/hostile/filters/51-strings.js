// Keeps strings that share nothing.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) {
    let text = "x".repeat(1e6) + keep.length;
    text.charCodeAt(5e5);
    keep.push(text, text.split("").length);
  }
  return "pcap";
};
