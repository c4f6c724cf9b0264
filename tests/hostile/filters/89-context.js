// Changes the object that it is given, and uses it out of time.
// deno-lint-ignore-file
let kept, first;
let count = 0;
export default (packet, context) => {
  count++;
  if (count === 1) {
    first = packet;
    kept = context;
    for (const name of ["log", "emit", "attach", "outputs", "worker"]) {
      try {
        context[name] = () => {};
        context.log(`GOT context.${name}`);
      } catch { /* It is frozen. */ }
    }
    try {
      context.outputs.push("x");
      context.log("GOT the list of outputs");
    } catch { /* It is frozen. */ }
    setTimeout(() => {
      try {
        kept.attach({ a: 1 });
        kept.log("GOT a packet out of time");
      } catch { /* No packet is looked at. */ }
      try {
        void first.payload;
        kept.log(`GOT bytes of a packet that is gone: ${first.payload}`);
      } catch { /* It is stale. */ }
    }, 100);
  }
  if (count === 500) context.log("done");
  return "pcap";
};
