// Has the library for languages work on texts of many megabytes.
// deno-lint-ignore-file
let count = 0;
export default (packet, context) => {
  if (++count !== 5) return "pcap";
  const text = "\u0e01\u{1f600}a ".repeat(3e6);
  for (
    const work of [
      () => [...new Intl.Segmenter("th", { granularity: "word" }).segment(text)].length,
      () => text.normalize("NFKD"),
      () => text.toLocaleUpperCase("tr"),
      () => text.localeCompare(text + "x", "de"),
      () => new Intl.NumberFormat("en", { maximumFractionDigits: 100 }).format(10n ** 100000n),
      () => new Intl.DateTimeFormat("x-" + "a".repeat(1e6)),
    ]
  ) {
    try {
      work();
    } catch {}
  }
  return "pcap";
};
