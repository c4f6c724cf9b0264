// Replaces every function that it can reach by one that throws.
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

const { log } = console;
const changes = [];
reach((object, key, descriptor) => {
  if (typeof descriptor?.value === "function") changes.push([object, key]);
});
const define = Reflect.defineProperty;
const thrower = function () {
  throw new TypeError("replaced");
};
let count = 0;
export default () => {
  if (++count === 5) {
    for (let i = 0; i < changes.length; i++) {
      define(changes[i][0], changes[i][1], { value: thrower });
      try {
        changes[i][0][changes[i][1]] = thrower;
      } catch { /* It is frozen. */ }
    }
  }
  return "pcap";
};
