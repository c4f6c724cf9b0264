// Calls functions of the packet and the context from within each other.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count < 200) {
    const evil = {
      toString() {
        context.emit("logemu", { A: "inner" });
        context.log("inner");
        try {
          context.attach({
            get b() {
              context.emit("logemu", { C: "innermost" });
              return packet.payload.length;
            },
          });
        } catch { /* No matter. */ }
        return "outer";
      },
    };
    context.emit("logemu", { A: evil });
    context.log(evil, { B: evil });
  }
  if (count === 300) context.log("done");
  return "pcap";
};
