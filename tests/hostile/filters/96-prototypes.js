// Changes the prototype of every object it can reach, so that lookups end in its own objects.
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

const objects = [];
reach((object) => objects.push(object));
const trap = new Proxy(Object.create(null), {
  get: (_target, key) =>
    key === "then" ? undefined : () => {
      throw new Error(`trap ${String(key)}`);
    },
  has: () => true,
});
let count = 0;
export default (packet, context) => {
  if (++count === 5) {
    for (const object of new Set(objects)) Reflect.setPrototypeOf(object, trap);
    for (const object of [packet, context, Object.getPrototypeOf(packet)]) {
      Reflect.setPrototypeOf(object, trap);
    }
  }
  return "pcap";
};
