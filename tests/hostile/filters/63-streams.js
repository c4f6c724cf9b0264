// Fills streams that have no reader.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const stream = new TransformStream(undefined, { highWaterMark: Infinity }, {
    highWaterMark: Infinity,
  });
  const writer = stream.writable.getWriter();
  for (;;) writer.write(new Uint8Array(1e6).fill(1));
  return "pcap";
};
