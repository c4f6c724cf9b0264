/** Modules for sandboxes with a script: the loader, and the library for scripts. */

import "./library.ts";

export { LoadError, loadScript } from "./loader.ts";
