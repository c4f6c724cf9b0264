// Replaces every function by one that looks for sockets, memory and messages in its arguments.
// @config timeout_ms = 3000
// deno-lint-ignore-file
import { reach } from "./tools/reach.js";

const changes = [];
reach((object, key, descriptor) => {
  if (typeof descriptor?.value === "function") changes.push([object, key, descriptor.value]);
});
const { apply, construct, defineProperty: define, getPrototypeOf } = Reflect;
const found = [];
const bytesOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;
const bufferOf =
  Object.getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), "buffer").get;
const look = (name, value) => {
  if (value === null || typeof value !== "object") return;
  for (const read of [() => value, () => apply(bufferOf, value, [])]) {
    try {
      const size = apply(bytesOf, read(), []);
      if (size > 200_000 || size === 4096) found[found.length] = `${name} ${size}`;
    } catch { /* It is no buffer. */ }
  }
};
const isOwn = new WeakSet();
let busy = false;
let count = 0;
export default (_packet, context) => {
  count++;
  if (count === 5) {
    for (const [object, key, original] of changes) {
      const name = String(key);
      define(object, key, {
        value: new Proxy(original, {
          apply(target, self, args) {
            if (!busy) {
              busy = true;
              try {
                look(name, self);
                for (let i = 0; i < args.length; i++) look(name, args[i]);
              } finally {
                busy = false;
              }
            }
            return apply(target, self, args);
          },
          construct(target, args, made) {
            for (let i = 0; i < args.length; i++) look(name, args[i]);
            return construct(target, args, made);
          },
        }),
      });
    }
  }
  if (count === 400) {
    const seen = [...new Set(found)].slice(0, 10).join(", ");
    context.log(found.length === 0 ? "done" : `done GOT ${seen}`);
  }
  return "pcap";
};
