// Fails in start by leaving a promise that is rejected, and timers.
// deno-lint-ignore-file
export const start = async () => {
  Promise.reject(new Error("late"));
  setTimeout(() => {
    throw new Error("later");
  }, 0);
  await new Promise((resolve) => setTimeout(resolve, 50));
};
export default () => "pcap";
