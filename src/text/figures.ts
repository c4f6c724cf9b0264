/** Numbers in messages. */

/** Writes a number with commas between its thousands. */
export function grouped(figure: number): string {
  return figure.toLocaleString("en-US");
}

/** Writes a number of things, as in `1 row` and `2 rows`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Writes a size in the largest binary unit that it fills, to the tenth. */
export function sizeText(bytes: number): string {
  const units = ["KiB", "MiB", "GiB"];
  let [size, unit] = [bytes / 1024, 0];
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${Number(size.toFixed(unit === 0 ? 0 : 1))} ${units[unit]}`;
}
