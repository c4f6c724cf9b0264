/** Lets nfscribe.service write where ulogd has written: by a drop-in (systemd.unit(5)). */

import { ConfigError, OutputError } from "../../errors.ts";
import { failure } from "../../output/file/failure.ts";
import { unlessAbsent } from "../../files/place.ts";
import { foldersOf } from "../../import/ulogd/service_paths.ts";
import { findCredentials } from "../../privileges/user.ts";
import { factsIn, installedUnit, serviceIn, UNIT } from "../../systemd/unit.ts";
import { unitWord } from "../../systemd/unit_text.ts";
import { escaped } from "../../text/escape.ts";
import { quoted, quotedPath } from "../../text/shell_quoted.ts";

/** Folder of the administrator's drop-ins. */
const FOLDER = `/etc/systemd/system/${UNIT}.d`;
const FILE = `${FOLDER}/imported.conf`;
/** First line, by which the file is known again. */
const MARK = "# Written by nfscribe import --service, which writes it anew.";

/** User of the service. */
interface User {
  uid: number;
  owner: string;
}

/**
 * Finds the user of the service.
 *
 * @throws {ConfigError} If there is no service, or no such user.
 */
export function serviceUser(): User {
  const unit = installedUnit();
  const config = unit && factsIn(unit.texts).config;
  const service = config === undefined ? undefined : serviceIn(unit!.texts, config);
  if (service?.user === undefined) {
    throw new ConfigError(UNIT, [{
      key: "",
      message:
        "Cannot change it: there is none with a user of its own; install nfscribe first, or " +
        "leave --service out",
    }]);
  }
  const { user, group } = service;
  return findCredentials({ user, ...group !== undefined && { group } }, UNIT)!;
}

/**
 * Writes the drop-in, and reports what was written and what is to be typed.
 *
 * @param files Files that the service is to write, outside of its own folders.
 * @param origin The file of ulogd that names them.
 * @throws {OutputError} If another one is in its place, or it cannot be written.
 */
export function allowFiles(files: readonly string[], origin: string, { uid, owner }: User): string {
  const old = unlessAbsent(() => Deno.readTextFileSync(FILE));
  const folders = foldersOf(files);
  const text = dropInText(folders, origin);
  if (old !== undefined && !old.startsWith(MARK)) {
    throw new OutputError(
      FILE,
      `Cannot write ${FILE}: it is there, and nfscribe import --service has not written it; move it ` +
        `away, or add to it by hand: ${settingOf(folders)}`,
    );
  }
  if (folders.length === 0 && old === undefined) {
    return `All files are in folders of ${UNIT}: it needs no drop-in, and none was written.`;
  }
  if (old !== text) write(text);
  const did = old === undefined ? "Wrote" : old === text ? "As it was before:" : "Wrote anew";
  const commands = [...givingCommands(files, folders, uid, owner), "systemctl daemon-reload"];
  return [
    `${did} ${FILE}:`,
    ...text.trimEnd().split("\n").map((line) => `  ${line}`),
    `Only this file was written. Have systemd read it${
      commands.length > 1 ? `, and let the folders be those of ${owner}` : ""
    }:`,
    ...commands.map((command) => `  ${command}`),
  ].map(escaped).join("\n");
}

function dropInText(folders: readonly string[], origin: string): string {
  return `${MARK}
# Folders of files that ${escaped(origin)} names.
[Service]
${settingOf(folders)}
`;
}

function settingOf(folders: readonly string[]): string {
  return `ReadWritePaths=${folders.map(unitWord).join(" ")}`;
}

/** Returns commands that make folders, or give them and files in them to the service's user. */
function givingCommands(
  files: readonly string[],
  folders: readonly string[],
  uid: number,
  owner: string,
): string[] {
  const [user, group] = owner.split(":");
  // Another user may have put something else in a file's place.
  const foreign = (path: string) => {
    const info = unlessAbsent(() => Deno.lstatSync(path));
    return info !== undefined && info.uid !== uid &&
      (info.isDirectory || info.isFile && info.nlink === 1);
  };
  const absent = folders.filter((path) => unlessAbsent(() => Deno.statSync(path)) === undefined);
  const given = [...folders, ...files].filter(foreign);
  return [
    ...absent.map((path) =>
      `install -d -o ${quoted(user!)} -g ${quoted(group!)} -m 0750 ${quotedPath(path)}`
    ),
    ...given.length === 0 ? [] : [`chown -h ${quoted(owner)} ${given.map(quotedPath).join(" ")}`],
  ];
}

function write(text: string): void {
  try {
    Deno.mkdirSync(FOLDER, { recursive: true });
    Deno.writeTextFileSync(`${FILE}.new`, text, { mode: 0o644 });
    Deno.renameSync(`${FILE}.new`, FILE);
  } catch (error) {
    throw failure(FILE, "write", error);
  }
}
