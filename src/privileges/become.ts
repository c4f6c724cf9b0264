/**
 * Another program in the place of this one, for the command line.
 *
 * @module
 */

export { becomeProgram } from "../../ffi/exec.ts";
