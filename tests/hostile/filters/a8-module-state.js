// Leaves modules, timers and listeners behind that act when a sandbox is retired.
// deno-lint-ignore-file
globalThis.addEventListener("beforeunload", () => {
  for (;;);
});
globalThis.addEventListener("unload", () => {
  for (;;);
});
setInterval(() => {}, 1);
export const stop = async (context) => {
  context.log("stopping");
  for (let i = 0; i < 1e4; i++) context.log("x".repeat(1000));
  for (let i = 0; i < 1e4; i++) context.emit("logemu", { A: "last words" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  throw new Error("\x1b[2J");
};
export default () => "pcap";
