/**
 * Addresses of modules as people know them.
 *
 * @module
 */

/** A file's path for messages. */
export function fileName(url: string): string {
  return url.startsWith("file:") ? decodeURIComponent(new URL(url).pathname) : url;
}
