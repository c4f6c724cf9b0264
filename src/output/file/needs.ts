/** Permissions of outputs to files. */

import type { Need } from "../../permission.ts";
import { type FileOptions, isRotated, STANDARD_OUTPUT } from "./options.ts";
import { folderOf, ownerNeeds } from "../../files/place.ts";

/**
 * Returns the permissions that a file needs: before appending, its contents are read. Rotation
 * needs the folder, because names of files are created.
 */
export function fileNeeds(options: FileOptions): Need[] {
  const { path, makeFolders, freeSpace } = options;
  if (path === STANDARD_OUTPUT) return [];
  const folder = folderOf(path) || "./";
  const place = isRotated(options) || makeFolders === true ? folder : path;
  const needs: Need[] = [
    { name: "read", value: place, why: "a look at what is there" },
    { name: "write", value: place, why: "appending" },
    ...ownerNeeds(path),
  ];
  if (freeSpace !== undefined) {
    needs.push(
      { name: "read", value: folder, why: "free space on its file system" },
      { name: "write", value: folder, why: "removing rotated files if space is short" },
      { name: "sys", value: "statfs", why: "free space on its file system" },
    );
  }
  return needs;
}
