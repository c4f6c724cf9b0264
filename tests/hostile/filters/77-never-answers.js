// Promises an answer about each packet, and gives none.
// deno-lint-ignore-file
export default () => new Promise(() => {});
