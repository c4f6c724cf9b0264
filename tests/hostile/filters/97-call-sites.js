// Looks into the frames below it for functions and objects.
// deno-lint-ignore-file
const got = [];
const look = (_error, sites) => {
  for (const site of sites) {
    for (const key of ["getThis", "getFunction", "getEvalOrigin", "getPromiseIndex"]) {
      let value;
      try {
        value = site[key]?.();
      } catch { /* V8 refuses. */ }
      if (
        value !== null && typeof value === "object" && value !== globalThis ||
        typeof value === "function"
      ) {
        got.push(`${key} ${site.getFunctionName()}`);
      }
    }
  }
  return "";
};
Error.prepareStackTrace = look;
Error.stackTraceLimit = Infinity;
const sloppy = new Function(
  "return [arguments.callee.caller, (function f() { return f.caller; })()]",
);
let count = 0;
export default (packet, context) => {
  if (++count === 5) {
    void new Error("x").stack;
    const seen = {
      get a() {
        void new Error("y").stack;
        for (const f of sloppy()) if (f && f !== sloppy) got.push(`caller ${f.name}`);
        return 1;
      },
    };
    try {
      context.attach(seen);
    } catch { /* No matter. */ }
    try {
      context.emit("nope", seen);
    } catch (error) {
      void error.stack;
    }
    try {
      context.log({
        toString() {
          void new Error("z").stack;
          return "x";
        },
      }, seen);
    } catch { /* No matter. */ }
    try {
      packet.payload = 1;
    } catch (error) {
      void error.stack;
    }
    try {
      null.x;
    } catch (error) {
      void error.stack;
    }
    // Functions of its own are no secret.
    const others = got.filter((line) =>
      !/ (a|f|toString|look|default|null|undefined|)$/.test(line)
    );
    context.log(others.length === 0 ? "done" : `done GOT ${others.slice(0, 8).join(", ")}`);
  }
  if (count === 10) {
    throw Object.defineProperty(new Error("x"), "stack", {
      get() {
        throw 1;
      },
    });
  }
  return "pcap";
};
