// Replaces every accessor, and adds accessors where there are none.
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
  if (descriptor?.get !== undefined || descriptor?.set !== undefined) changes.push([object, key]);
});
const define = Reflect.defineProperty;
const names = [
  "then",
  "length",
  "constructor",
  "byteOffset",
  "buffer",
  "get",
  "set",
  "value",
  "mask",
  "texts",
  "numbers",
  "type",
  "0",
  "1",
  "datagram",
  "toJSON",
  "toString",
  "valueOf",
  "stack",
  "message",
  "code",
  "errno",
  "parentURL",
  "source",
  "format",
  "error",
  "capture",
  "outputs",
];
let count = 0;
export default () => {
  if (++count === 5) {
    for (const [object, key] of changes) {
      define(object, key, {
        get() {
          throw new Error("read");
        },
        set() {
          throw new Error("written");
        },
      });
    }
  }
  if (count === 50) {
    for (
      const object of [
        Object.prototype,
        Array.prototype,
        Function.prototype,
        String.prototype,
        Number.prototype,
        Error.prototype,
        TypeError.prototype,
        Uint8Array.prototype,
        Promise.prototype,
      ]
    ) {
      for (const name of names) {
        define(object, name, {
          configurable: true,
          get: () => 7,
          set() {
            throw new Error("set");
          },
        });
      }
    }
  }
  return "pcap";
};
