/**
 * Lists source files of the project.
 *
 * @module
 */

/** The project's folder. */
export const ROOT = new URL("..", import.meta.url);

/**
 * Lists files below a folder.
 *
 * @param folder Path from the project's folder, with `/` at its end.
 * @param name Names of the files.
 * @returns Paths from the project's folder.
 */
export function* sourceFiles(folder: string, name: RegExp): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(`${path}/`, name);
    else if (name.test(entry.name)) yield path;
  }
}
