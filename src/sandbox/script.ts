/**
 * Modules that only a sandbox with a script loads: the loader, and the library that scripts import.
 *
 * @module
 */

import "./library.ts";

export { LoadError, loadScript } from "./loader.ts";
