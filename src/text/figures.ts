/** Numbers in messages. */

/** Writes a number with commas between its thousands. */
export function grouped(figure: number): string {
  return figure.toLocaleString("en-US");
}

const UNITS = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const;

/** Writes a number with commas, and in the unit that it fills where it is longer than so many characters. */
export function fitted(figure: number, width: number): string {
  const whole = grouped(figure);
  if (whole.length <= width) return whole;
  const [size, unit] = UNITS.find(([size]) => Math.abs(figure) >= size)!;
  return `${(figure / size).toFixed(2)}${unit}`;
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
