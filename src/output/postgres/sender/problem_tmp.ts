import type { Problem } from "../connect_error.ts";
import type { Connection } from "../connection.ts";
export function problemOf(error: unknown, _c: Connection, doing: string): Problem {
  const code = (error as {code?: string}).code;
  const kind = /^(22|23|44|P0)/.test(code ?? "") ? "row" : /^(42|28|3D)/.test(code ?? "") ? "denied" : "away";
  return { kind, code, message: `Cannot connect to postgres:x: ${(error as Error).message}` } as Problem;
}
