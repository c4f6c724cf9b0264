/**
 * Paths of files as addresses of modules, and back.
 *
 * @module
 */

/**
 * Returns the address of a file, as Deno writes it.
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
  const url = new URL("file:///");
  // These mean something else in an address, or are left out of it.
  url.pathname = path.replaceAll(/[%\\\t\n\r]/g, encodeURIComponent);
  return url.href;
}

/**
 * Returns the path of a file.
 *
 * @param url Its address.
 * @throws {TypeError} If it is not the address of a file.
 */
export function fromFileUrl(url: string): string {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:") throw new TypeError(`Cannot tell a path: ${url} is no file`);
  return decodedPath(pathname);
}

/**
 * Returns the path that a part of a file's address stands for.
 *
 * @param part The part; a percent sign that encodes nothing stays as it is, as with Deno.
 */
export function decodedPath(part: string): string {
  return part.replaceAll(/(%[0-9a-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      // It is no UTF-8.
      return bytes;
    }
  });
}
