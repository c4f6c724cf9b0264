/** The page's files, as modules: they take no right to read, and are in a bundle. */

const ENCODER = new TextEncoder();

/** Files by their names. */
const FILES: Readonly<Record<string, () => Promise<{ default: string }>>> = {
  "index.html": () => import("../document/index.html", { with: { type: "text" } }),
  "page.js": async () => {
    // @ts-ignore: its type is that of a module, and it is text here.
    return await import("../document/page.js", { with: { type: "text" } });
  },
  "page.css": () => import("../document/page.css", { with: { type: "text" } }),
};

/** Reads a file of the page. */
export async function readPageFile(name: string): Promise<Uint8Array> {
  return ENCODER.encode((await FILES[name]!()).default);
}
