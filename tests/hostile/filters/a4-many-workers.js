// Ends each of three sandboxes in turns.
// @config workers = 3
// @config timeout_ms = 200
// @flow 2500
// deno-lint-ignore-file
let count = 0;
export default (packet) => {
  if (++count % 40 === 0) "x".repeat(1.4e8).split("");
  if (count % 77 === 0) { for (;;); }
  return "pcap";
};
