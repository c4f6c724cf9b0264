// Writes to the bytes of packets, and looks for memory behind them.
// @config timeout_ms = 3000
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count < 100) {
    const { payload } = packet;
    const { buffer } = payload;
    if (buffer instanceof SharedArrayBuffer) context.log("GOT shared memory");
    if (buffer.byteLength > 65536) context.log(`GOT a buffer of ${buffer.byteLength}`);
    try {
      new Uint8Array(buffer).fill(255);
    } catch { /* It is a copy at any rate. */ }
    try {
      buffer.transfer(0);
    } catch { /* It cannot be detached. */ }
    const seen = new Set();
    const walk = (value, path) => {
      if (
        value === null || typeof value !== "object" && typeof value !== "function" ||
        seen.has(value) || path.length > 12
      ) return;
      seen.add(value);
      if (value instanceof ArrayBuffer && value.byteLength > 65536) {
        context.log(`GOT ${path.join(".")}`);
      }
      if (value instanceof SharedArrayBuffer) context.log(`GOT ${path.join(".")}`);
      for (const key of Reflect.ownKeys(value)) {
        try {
          walk(value[key], [...path, String(key)]);
        } catch { /* It is stale, or refused. */ }
      }
      walk(Object.getPrototypeOf(value), [...path, "proto"]);
    };
    if (count === 10) walk(packet, ["packet"]);
    if (count === 11) walk(context, ["context"]);
  }
  if (count === 200) context.log("done");
  return "pcap";
};
