/**
 * The outputs of a configuration: whether they can be reached. Nothing is opened
 * for writing.
 *
 * @module
 */

import { statfsSync } from "node:fs";
import type { Part } from "../config/config.ts";
import { queueOf } from "../config/outputs.ts";
import { OutputError } from "../errors.ts";
import { problemOf } from "../output/postgres/connect_error.ts";
import { describeConnection } from "../output/postgres/connection.ts";
import { migrate } from "../output/postgres/migrate.ts";
import type { PostgresOptions } from "../output/postgres/options.ts";
import { parseTable } from "../output/postgres/table.ts";
import { resolveConnection } from "../output/postgres/resolve_connection.ts";
import { isRotated, STANDARD_OUTPUT } from "../output/file/options.ts";
import { folderOf, lookAt } from "../files/place.ts";
import type { Need } from "../permission.ts";
import { isGranted } from "../daemon/permissions.ts";
import { type Finding, fix, ok } from "./finding.ts";
import { accessTo } from "./kernel_reader.ts";

/** Less than this is no room to write to, in bytes. */
const ROOM_LEAST = 1024 * 1024;
/** Where there is no folder in a path. */
const CURRENT = "./";

/** Whom files are to belong to. */
export interface Owner {
  /** The user's name. */
  name: string;
  /** User and group, as `chown` takes them. */
  owner: string;
}

/** The rights that looking takes, beside those of `nfscribe run`. */
export function outputNeeds(outputs: readonly Part[]): Need[] {
  const paths = outputs.flatMap(({ options: { path } }) =>
    typeof path === "string" && path !== STANDARD_OUTPUT ? [path] : []
  );
  const why = "whether outputs can be reached";
  return [
    ...paths.map((path): Need => ({ name: "read", value: folderOf(path) || CURRENT, why })),
    { name: "sys", value: "statfs", why },
    { name: "sys", value: "uid", why },
  ];
}

/**
 * Looks at an output; to be called as the user that nfscribe becomes.
 *
 * @param part The output.
 * @param owner That user; undefined where it stays who it is.
 * @param initCommand What makes a database's table.
 */
export async function outputFinding(
  part: Part,
  owner: Owner | undefined,
  initCommand: string,
): Promise<Finding> {
  const check = `output ${part.name}`;
  const { path } = part.options;
  const spool = queueOf(part)?.spool ?? part.options.spool;
  const file = typeof path === "string" ? fileFinding(check, path, part, owner) : undefined;
  if (file !== undefined && file.state !== "ok") return file;
  const waiting = typeof spool === "string" ? spoolProblem(check, spool, owner) : undefined;
  if (waiting !== undefined) return waiting;
  return file ??
    await databaseFinding(check, part.options as unknown as PostgresOptions, initCommand);
}

function fileFinding(
  check: string,
  path: string,
  { options }: Part,
  owner: Owner | undefined,
): Finding {
  if (path === STANDARD_OUTPUT) return ok(check, "standard output");
  const folder = folderOf(path) || CURRENT;
  const there = lookedAt(path);
  if (there instanceof Error) {
    return fix(check, `${path}: ${there.message}`, "see to that, or name another file");
  }
  if (there?.isDirectory) return fix(check, `${path} is a folder`, "name a file in it");
  const makesFolders = options.makeFolders === true;
  // What follows an ended file is made anew.
  const isMade = there === undefined || isRotated(options);
  const problem = (there === undefined ? undefined : denied(check, path, "file", owner)) ??
    (isMade ? folderProblem(check, folder, makesFolders, owner) : undefined);
  if (problem !== undefined) return problem;
  const free = freeBytes(folder);
  if (free !== undefined && free < ROOM_LEAST) {
    return fix(check, `${path}: its file system is full`, "make room there", [`df -h ${folder}`]);
  }
  const room = free === undefined ? "" : `; ${gigabytes(free)} free`;
  return ok(check, `${path} ${there === undefined ? "can be made" : "can be written"}${room}`);
}

/** What a path names; undefined for nothing, or where it may not be looked at; an error where it must not be opened. */
function lookedAt(path: string): Deno.FileInfo | Error | undefined {
  if (path.includes("{time}")) return undefined;
  try {
    return lookAt(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
      return undefined;
    }
    return error as Error;
  }
}

function folderProblem(
  check: string,
  folder: string,
  makesFolders: boolean,
  owner: Owner | undefined,
): Finding | undefined {
  if (accessTo(folder, ["search"]) === "absent") {
    return makesFolders
      ? undefined
      : fix(check, `its folder ${folder} is not there`, "make it", [`mkdir -p ${folder}`]);
  }
  return denied(check, folder, "folder", owner);
}

function denied(
  check: string,
  path: string,
  kind: "file" | "folder",
  owner: Owner | undefined,
): Finding | undefined {
  const access = accessTo(path, kind === "file" ? ["write"] : ["write", "search"]);
  if (access === "yes" || access === "absent") return undefined;
  if (access === "read-only") {
    return fix(check, `${path} is on a file system that is read-only`, "choose another place");
  }
  const who = owner === undefined ? "this user" : `user ${owner.name}`;
  return fix(
    check,
    `${who} may not write ${kind === "file" ? path : `to the folder ${path}`}`,
    owner === undefined
      ? "run as a user who may, or choose another place"
      : "let it belong to that user",
    owner === undefined ? [] : [`chown ${owner.owner} ${path}`],
  );
}

function spoolProblem(check: string, spool: string, owner: Owner | undefined): Finding | undefined {
  const folder = spool.endsWith("/") ? spool : `${spool}/`;
  if (accessTo(folder, ["search"]) !== "absent") return denied(check, folder, "folder", owner);
  return folderProblem(check, folderOf(spool.replace(/\/+$/, "")) || CURRENT, false, owner);
}

/** Bytes that may still be written; undefined where that may not be seen. */
function freeBytes(folder: string): number | undefined {
  if (!isGranted({ name: "sys", value: "statfs", why: "" })) return undefined;
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

async function databaseFinding(
  check: string,
  { url, table, create }: PostgresOptions,
  initCommand: string,
): Promise<Finding> {
  let connection;
  try {
    connection = resolveConnection(url).connection;
  } catch (error) {
    return fix(check, (error as Error).message, "say where the database is with url");
  }
  const where = describeConnection(connection);
  // It takes memory that others need not have.
  const { client } = await import("../output/postgres/connect.ts");
  const sql = client(connection);
  try {
    await sql`SELECT`;
    const found = await migrated(sql, table);
    if (found === undefined) return ok(check, `${where} answers; table ${table} is there`);
    if (create) return ok(check, `${where} answers; a start makes table ${table}`);
    return fix(check, `${where} answers, but ${found.message}`, "make the table", [
      initCommand,
    ]);
  } catch (error) {
    const { message } = problemOf(error, connection, "connect");
    return fix(check, message, "see whether the server runs, and what the URL says");
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Returns the problem of the table; undefined for none. */
async function migrated(
  sql: Parameters<typeof migrate>[0],
  table: string,
): Promise<OutputError | undefined> {
  try {
    await migrate(sql, parseTable(table), { create: false });
    return undefined;
  } catch (error) {
    if (error instanceof OutputError) return error;
    throw error;
  }
}

function gigabytes(bytes: number): string {
  const size = bytes / 2 ** 30;
  return size >= 1 ? `${size.toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}
