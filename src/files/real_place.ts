/** Finds the place that a path leads to. */

import { absolute } from "../text/path.ts";

/**
 * Returns the absolute path that a path leads to when all links are followed, as far as it is there
 * and this process may look.
 *
 * @param path The path; what it names need not exist.
 */
export function realPlace(path: string): string {
  let head = absolute(path).replace(/\/+$/, "");
  let rest = "";
  while (head !== "") {
    try {
      return `${Deno.realPathSync(head)}${rest}`.replace(/^\/+/, "/");
    } catch {
      const end = head.lastIndexOf("/");
      rest = head.slice(end) + rest;
      head = head.slice(0, end);
    }
  }
  return rest || "/";
}
