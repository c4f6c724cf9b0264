// Ends its sandbox at random packets, and drops every third one.
// @drops
// deno-lint-ignore-file
let count = 0;
export default (packet) => {
  if (++count === 300) "x".repeat(1.4e8).split("");
  return packet.seq % 3 === 0 ? false : "pcap";
};
