// Has hundreds of keys derived at once on threads of a pool.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  crypto.subtle.importKey("raw", new Uint8Array(8), "PBKDF2", false, ["deriveBits"]).then((key) => {
    for (let i = 0; i < 400; i++) {
      crypto.subtle.deriveBits(
        { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(8), iterations: 1e7 },
        key,
        512,
      ).catch(() => {});
    }
  });
  return "pcap";
};
