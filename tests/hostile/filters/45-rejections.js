// Rejects promises that have no handler, and throws in timers.
// deno-lint-ignore-file
let count = 0;
export default (_packet, context) => {
  if (++count === 5) {
    for (let i = 0; i < 1e4; i++) Promise.reject(new Error(`\x1b]0;owned\x07 ${i}`));
    for (let i = 0; i < 1e3; i++) {
      setTimeout(() => {
        throw new Error('\x1b[2J\n{"level":"info"}');
      }, 0);
    }
    reportError(new Error("\u202ereported"));
    queueMicrotask(() => {
      throw null;
    });
  }
  if (count === 400) context.log("done");
  return "pcap";
};
