// Matches patterns that are deep, that are huge, and that try again for ever.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  try {
    new RegExp("(".repeat(1e5) + ")".repeat(1e5)).exec("x");
  } catch {}
  try {
    new RegExp("(?:a{0,1000}){0,1000}".repeat(1e3)).exec("a".repeat(1e5));
  } catch {}
  try {
    new RegExp("(?<=".repeat(1e4) + ")".repeat(1e4)).exec("x");
  } catch {}
  /^(a+)+$/.exec("a".repeat(50) + "b");
  return "pcap";
};
