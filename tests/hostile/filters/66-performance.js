// Fills the list of performance marks, labels of the console and listeners.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const target = new EventTarget();
  for (let i = 0;; i++) {
    performance.mark("x".repeat(1000) + i, { detail: new Array(100).fill(i) });
    console.count("x" + i);
    console.time("y" + i);
    target.addEventListener("x" + i, () => i);
  }
  return "pcap";
};
