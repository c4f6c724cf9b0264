// Makes promises and microtasks without an end.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const keep = [];
  for (;;) keep.push(new Promise(() => {}).then(() => {}));
  return "pcap";
};
