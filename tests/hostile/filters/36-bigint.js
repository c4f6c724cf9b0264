// Calculates numbers of a billion digits.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  let n = 2n ** (2n ** 29n);
  n = n * n;
  context.log(String(n).length);
  return "pcap";
};
