// Never ends in tick and in stop, which are asked for every ten milliseconds.
// deno-lint-ignore-file
export const tickMs = 10;
let ticks = 0;
export const tick = () => {
  if (++ticks % 10 === 0) { for (;;); }
};
export const stop = () => {
  for (;;);
};
export default () => "pcap";
