// Hangs at each packet, so that sandboxes end one after another.
// deno-lint-ignore-file
export default () => {
  for (;;);
};
