// Calls each function of Deno with a path, a number or nothing.
// @config timeout_ms = 5000
// @flow 4000
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "each": async () => {
    const quiet = [
      "inspect",
      "test",
      "bench",
      "lint",
      "memoryUsage",
      "version",
      "build",
      "errors",
      "telemetry",
      "jupyter",
      "Process",
      "cpuUsage",
      "readDir",
      "refTimer",
      "unrefTimer",
      "Command",
      "UnsafePointer",
      "UnsafePointerView",
      "UnsafeFnPointer",
      "HttpClient",
      "createHttpClient",
      "isatty",
    ];
    const got = [];
    for (const name of Object.getOwnPropertyNames(Deno)) {
      let value;
      try {
        value = Deno[name];
      } catch {
        continue;
      }
      if (typeof value !== "function" || quiet.includes(name)) continue;
      for (
        const args of [[], ["{{secret}}"], ["{{secret}}", "{{secret}}2"], [3], [{ port: 0 }], [{
          hostname: "127.0.0.1",
          port: Number("{{port}}"),
        }], ["127.0.0.1"]]
      ) {
        for (const act of [() => value(...args), () => Reflect.construct(value, args)]) {
          try {
            const result = await Promise.race([act(), new Promise((_, no) => setTimeout(no, 5))]);
            if (result !== undefined && typeof result !== "boolean") {
              got.push(
                `${name}(${JSON.stringify(args)}) ${Object.prototype.toString.call(result)} ${
                  String(result).slice(0, 40)
                }`,
              );
            }
          } catch (error) {
            void error;
          }
        }
      }
    }
    return got.length === 0
      ? undefined
      : [...new Set(got.map((line) => line.split("(")[0]))].join(" ");
  },
};
export default filterOf(attempts);
