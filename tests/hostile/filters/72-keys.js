// Has hundreds of large RSA keys made at once.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  for (let i = 0; i < 300; i++) {
    crypto.subtle.generateKey(
      {
        name: "RSA-PSS",
        modulusLength: 8192,
        publicExponent: new Uint8Array([1, 0, 1]),
        hash: "SHA-256",
      },
      true,
      ["sign", "verify"],
    ).catch(() => {});
  }
  return "pcap";
};
