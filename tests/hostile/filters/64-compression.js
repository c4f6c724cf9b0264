// Inflates a bomb many times at once.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  const zeros = new Blob([new Uint8Array(1e7)]).stream().pipeThrough(new CompressionStream("gzip"));
  new Response(zeros).arrayBuffer().then((bomb) => {
    globalThis.keep = [];
    for (let i = 0; i < 100; i++) {
      new Response(
        new Blob(new Array(100).fill(bomb)).stream().pipeThrough(new DecompressionStream("gzip")),
      ).arrayBuffer().then((b) => keep.push(b), () => {});
    }
  });
  return "pcap";
};
