// Compiles code with a hundred thousand brackets, operators, arrows and blocks.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  for (
    const text of [
      "(".repeat(1e5) + ")".repeat(1e5),
      "!".repeat(1e5) + "1",
      "a=>".repeat(1e5) + "1",
      "{".repeat(1e5) + "}".repeat(1e5),
      "1" + "+1".repeat(1e6),
      "[".repeat(1e5) + "]".repeat(1e5),
      "`${".repeat(1e5) + "}`".repeat(1e5),
      "if(1)".repeat(1e5) + ";",
      "1?".repeat(1e5),
      "class A extends ".repeat(1e4) + "B{}",
      "-".repeat(1e5),
    ]
  ) {
    try {
      new Function(text)();
    } catch {}
  }
  context.log("done");
  return "pcap";
};
