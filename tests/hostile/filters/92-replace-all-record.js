// Replaces every function by one that looks for sockets, memory and messages in its arguments.
// @config timeout_ms = 3000
// deno-lint-ignore-file
/** Calls back with every object that can be reached from the global one. */
const reach = (visit) => {
  const seen = new Set([globalThis]);
  const queue = [globalThis];
  for (let at = 0; at < queue.length; at++) {
    const object = queue[at];
    for (const key of Reflect.ownKeys(object)) {
      let descriptor;
      try {
        descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      } catch {
        continue;
      }
      visit(object, key, descriptor);
      for (const part of ["value", "get", "set"]) {
        const next = descriptor?.[part];
        const isObject = next !== null && typeof next === "object" || typeof next === "function";
        if (isObject && !seen.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
    const proto = Reflect.getPrototypeOf(object);
    if (proto !== null && !seen.has(proto)) {
      seen.add(proto);
      queue.push(proto);
    }
  }
};

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
