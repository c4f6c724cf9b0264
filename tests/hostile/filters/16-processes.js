// Starts programs, and sends signals to the canary, to its parent and to itself.
// @done
// deno-lint-ignore-file
import { filterOf } from "./tools/attempts.js";

const attempts = {
  "Command": async () => {
    return new Deno.Command("/bin/true").outputSync();
  },
  "spawn": async () => {
    return new Deno.Command("/bin/true").spawn();
  },
  "Deno.spawn": async () => {
    return Deno.spawn?.("/bin/true");
  },
  "run": async () => {
    return Deno.run({ cmd: ["true"] });
  },
  "kill canary": async () => {
    Deno.kill(Number("{{pid}}"), "SIGKILL");
    return "sent";
  },
  "kill parent": async () => {
    Deno.kill(Deno.ppid, "SIGKILL");
    return "sent";
  },
  "kill itself": async () => {
    Deno.kill(Deno.pid, "SIGKILL");
    return "sent";
  },
  "exit": async () => {
    Deno.exit(0);
  },
  "close": async () => {
    globalThis.close();
    return "closed";
  },
  "self.close": async () => {
    self.close();
    return "closed";
  },
  "signal": async () => {
    Deno.addSignalListener("SIGTERM", () => {});
    return "listening";
  },
  "Worker": async () => {
    return new Worker("data:text/javascript,1", { type: "module" });
  },
  "Worker of a blob": async () => {
    return new Worker(URL.createObjectURL(new Blob([""])), { type: "module" });
  },
  "SharedWorker": async () => {
    return new SharedWorker("data:text/javascript,1");
  },
  "umask": async () => {
    return Deno.umask(0);
  },
  "chdir": async () => {
    Deno.chdir("/");
    return "changed";
  },
  "ServiceWorker": async () => {
    return await navigator.serviceWorker.register("data:text/javascript,1");
  },
};
export default filterOf(attempts);
