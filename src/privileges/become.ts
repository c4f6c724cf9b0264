/** Replaces this process by another program, for the command line. */

export { becomeProgram } from "../../ffi/exec.ts";
