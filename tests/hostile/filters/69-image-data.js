// Keeps pictures.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) keep.push(new ImageData(4000, 4000).data.fill(1));
  return "pcap";
};
