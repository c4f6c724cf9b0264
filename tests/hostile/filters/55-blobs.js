// Makes blobs and addresses for them, which outlive their objects.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const part = new Uint8Array(1e7).fill(1);
  for (;;) URL.createObjectURL(new Blob([part, part]));
  return "pcap";
};
