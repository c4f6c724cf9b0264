// Keeps its thread busy by timers between packets.
// deno-lint-ignore-file
for (let i = 0; i < 500; i++) {
  setInterval(() => {
    const until = performance.now() + 5;
    while (performance.now() < until);
  }, 0);
}
export default () => "pcap";
