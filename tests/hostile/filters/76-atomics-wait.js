// Blocks its thread for ever.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 20) return "pcap";
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return "pcap";
};
