// Asks native functions to decode huge and broken input.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  for (
    const work of [
      () => new TextDecoder("utf-16").decode(new Uint8Array(3e8)),
      () => btoa("x".repeat(3e8)),
      () => atob("A".repeat(4e8)),
      () => new TextEncoder().encode("\u20ac".repeat(2e8)),
      () => structuredClone("x".repeat(5e8)),
      () => new Uint8Array(2 ** 33),
      () => new ArrayBuffer(10, { maxByteLength: 2 ** 40 }),
      () => new SharedArrayBuffer(2 ** 40),
      () => new URL("http://" + "a.".repeat(1e7)),
      () => new URLPattern({ pathname: ":a".repeat(1e5) }),
      () => encodeURIComponent("\u20ac".repeat(1e8)),
      () => escape("\u20ac".repeat(1e8)),
    ]
  ) {
    try {
      work();
    } catch {}
  }
  return "pcap";
};
