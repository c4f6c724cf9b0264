/** Times within an element. */

import { two } from "../ulogd/second_text.ts";

/** Formats a time in local time; the first day of the week, Sunday, is 1. */
export function whenText(date: Date): string {
  const elements = {
    hour: date.getHours(),
    min: two(date.getMinutes()),
    sec: two(date.getSeconds()),
    wday: date.getDay() + 1,
    day: date.getDate(),
    month: date.getMonth() + 1,
    year: date.getFullYear(),
  };
  const text = Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`);
  return `<when>${text.join("")}</when>`;
}
