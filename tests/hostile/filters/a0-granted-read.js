// Is granted one file, and reads the canary through it.
// @config [filter.permissions]
// @config read = ["/etc/hostname"]
// deno-lint-ignore-file
let count = 0;
export default async (_packet, context) => {
  if (++count !== 5) return "pcap";
  for (
    const path of [
      "{{secret}}",
      "/etc/hostname/../../{{secret}}",
      "/proc/self/root{{secret}}",
      "/proc/self/environ",
      "/proc/1/environ",
      "/proc/self/mem",
      "/dev/fd/4",
      "/etc/shadow",
    ]
  ) {
    try {
      context.log(`GOT ${path} ${(await Deno.readTextFile(path)).slice(0, 100)}`);
    } catch { /* Refused. */ }
    try {
      Deno.writeTextFileSync(path, "x");
      context.log(`GOT to write ${path}`);
    } catch { /* Refused. */ }
  }
  try {
    Deno.writeTextFileSync("/etc/hostname", "x");
    context.log("GOT to write what it may read");
  } catch { /* Refused. */ }
  for (let i = 0; i < 1000; i++) {
    try {
      Deno.openSync("/etc/hostname");
    } catch {
      break;
    }
  }
  context.log("done");
  return "pcap";
};
