/**
 * Replaces this process by another program, for the command line.
 *
 * @module
 */

export { becomeProgram } from "../../ffi/exec.ts";
