// Emits lines with ends of lines, escape sequences and names that are like packets.
// deno-lint-ignore-file
let count = 0;
export default (_packet, context) => {
  if (++count < 200) {
    const evil = "x\nNov  1 00:00:00 gate kernel: FORGED IN=eth0\r\x1b[2J\u202e\u2028\x9b\0";
    for (
      const fields of [
        { A: evil },
        { [evil]: "x" },
        { "SRC=1.2.3.4 DST": "5" },
        { "": "" },
        { A: { toString: () => evil } },
        { __proto__: { B: evil } },
        Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`F${i}`, evil])),
      ]
    ) {
      try {
        context.emit("logemu", fields);
      } catch (error) {
        context.log(String(error));
      }
    }
    try {
      context.emit("pcap", { A: "x" });
      context.log("GOT a line in the pcap file");
    } catch { /* It takes none. */ }
    try {
      context.emit("../secret.txt", { A: "x" });
      context.log("GOT an output of its own");
    } catch { /* There is none. */ }
  }
  return "pcap";
};
