/**
 * Paths of files as addresses of modules, and back.
 *
 * @module
 */

/**
 * Returns the address of a file.
 *
 * @param path An absolute path.
 *
 * @example A path with characters that mean something in an address
 * ```ts
 * import { fromFileUrl, toFileUrl } from "./file_url.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const url = toFileUrl("/etc/100% ä#?/filter.ts");
 * assertEquals(url, "file:///etc/100%25%20%C3%A4%23%3F/filter.ts");
 * assertEquals(fromFileUrl(url), "/etc/100% ä#?/filter.ts");
 * ```
 */
export function toFileUrl(path: string): string {
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Returns the path of a file.
 *
 * @param url Its address.
 * @throws {TypeError} If it is not the address of a file.
 * @throws {URIError} If a percent sign in it stands before something else than two digits.
 */
export function fromFileUrl(url: string): string {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:") throw new TypeError(`Cannot tell a path: ${url} is no file`);
  return decodeURIComponent(pathname);
}
