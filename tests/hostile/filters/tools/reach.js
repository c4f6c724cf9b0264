/** Calls back with every object that can be reached from the global one. */
export const reach = (visit) => {
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
