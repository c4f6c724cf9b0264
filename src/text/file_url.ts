/** Conversion between paths and `file:` URLs. */

/**
 * Returns the URL of a file, as Deno writes it.
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
  // These have another meaning in a URL, or are removed from it.
  url.pathname = path.replaceAll(/[%\\\t\n\r]/g, encodeURIComponent);
  return url.href;
}

/**
 * Returns the path of a `file:` URL.
 *
 * @throws {TypeError} If it is not the URL of a file.
 */
export function fromFileUrl(url: string): string {
  const { protocol, pathname } = new URL(url);
  if (protocol !== "file:") {
    throw new TypeError(`Cannot convert ${url} to a path: it is not a file URL`);
  }
  return decodedPath(pathname);
}

/**
 * Decodes a part of a `file:` URL.
 *
 * @param part The part; a percent sign that encodes nothing stays as it is, as with Deno.
 */
export function decodedPath(part: string): string {
  return part.replaceAll(/(%[0-9a-f]{2})+/gi, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      // Not UTF-8.
      return bytes;
    }
  });
}
