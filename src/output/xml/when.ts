/** Times within an element. */

import { two } from "../ulogd/second_text.ts";

/** Formats a time in local time; the first day of the week, Sunday, is 1. */
export function timeElements(date: Date): string {
  const elements = {
    hour: date.getHours(),
    min: two(date.getMinutes()),
    sec: two(date.getSeconds()),
    wday: date.getDay() + 1,
    day: date.getDate(),
    month: date.getMonth() + 1,
    year: date.getFullYear(),
  };
  return Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`).join("");
}

/** Formats a time as an element of its own. */
export function whenText(date: Date): string {
  return `<when>${timeElements(date)}</when>`;
}
