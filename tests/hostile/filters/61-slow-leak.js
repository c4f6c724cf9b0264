// Leaks a little at each packet, so that no packet takes long.
// deno-lint-ignore-file
const keep = [];
export default () => {
  keep.push(
    new Uint8Array(1e6).fill(1),
    "x".repeat(1e5) + keep.length,
    new Array(1e4).fill(keep.length),
  );
  return "pcap";
};
