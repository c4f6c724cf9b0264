// Eats memory before its first packet.
// @refused
// deno-lint-ignore-file
const keep = [];
for (let i = 0; i < 1000; i++) keep.push(new Uint8Array(1e7).fill(1));
export default () => keep.length > 0 ? "pcap" : "logemu";
