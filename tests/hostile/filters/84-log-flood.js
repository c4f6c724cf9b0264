// Logs megabytes at each packet, by all functions there are.
// deno-lint-ignore-file
const long = "x\x1b[31m\u202e\n".repeat(1e5);
const fields = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ["f" + i, long]));
export default (_packet, context) => {
  for (let i = 0; i < 20; i++) {
    context.log(long, fields);
    console.log(long);
    console.error(long);
    console.warn({ long });
    console.table([{ long }]);
    console.trace(long);
    console.dir(long);
  }
  return "pcap";
};
