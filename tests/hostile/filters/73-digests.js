// Has gigabytes digested and encrypted aside.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";

  const data = new Uint8Array(3e7);
  for (let i = 0; i < 200; i++) crypto.subtle.digest("SHA-512", data).catch(() => {});
  crypto.subtle.generateKey({ name: "AES-CBC", length: 256 }, true, ["encrypt"]).then((key) => {
    for (let i = 0; i < 100; i++) {
      crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, key, data).catch(() => {});
    }
  });
  return "pcap";
};
