// Sorts and joins lists that change meanwhile.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const list = Array.from({ length: 1e5 }, (_, i) => ({
    toString() {
      list.length = Math.random() * 1e5;
      return "x".repeat(1e4);
    },
  }));
  try {
    list.sort();
  } catch {}
  try {
    list.join("y".repeat(1e6));
  } catch {}
  const bytes = new Uint8Array(new ArrayBuffer(1e6, { maxByteLength: 1e7 }));
  try {
    bytes.sort(() => {
      bytes.buffer.resize(0);
      return 0;
    });
  } catch {}
  context.log("done");
  return "pcap";
};
