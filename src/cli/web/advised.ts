/** Facts that advice of the page is made from. */

import type { Config } from "../../config/config.ts";
import type { Options } from "../../definition.ts";
import { kindOf, type SourceType } from "../../source/define.ts";
import { sources } from "../../source/sources.ts";
import { quoted } from "../../text/shell_quoted.ts";
import type { Circumstances, FedSource } from "../../web/advice/advice.ts";
import type { StoreTarget } from "../../web/store/messages.ts";
import { DATABASES } from "../db/options.ts";
import { SOURCE_EXAMPLE } from "../part_options.ts";
import type { WebSettings } from "./settings.ts";

/** Names that sources have by themselves: their type and what tells them apart, as in `nflog:1`. */
const OWN_NAME = /^(\w+):(\d+)$/;

/** Returns what the settings tell; the rest is seen while the page is served. */
export function circumstancesOf(
  { config, file, socket, store }: WebSettings,
): Omit<Circumstances, "store" | "stats"> {
  // Without a configuration only those who write know what they store.
  const payload = config === undefined ? undefined : store?.target.options.payload;
  const shown = store === undefined ? undefined : optionOf(store.target);
  const usual = DATABASES.find(({ shorthand }) => shorthand.value === "FILE")!;
  const named = file === undefined ? "" : ` -c ${quoted(file)}`;
  const flows = Object.values(sources).find(({ kind }) => kind === "flow")!;
  return {
    hasPayload: typeof payload === "boolean" ? payload : undefined,
    socket,
    feeds: (running) => config === undefined ? feedsByName(running) : feedsOf(config),
    named,
    storeNamed: named === "" && shown !== undefined ? ` ${shown}` : named,
    example: `nfscribe run ${SOURCE_EXAMPLE} ${
      shown ?? `--${usual.type} ${usual.shorthand.example}`
    } --web`,
    flowSource: `[[source]]\ntype = "${flows.type}"`,
    flowSources: (running) =>
      (config?.sources ?? running.map((name) => ({ name, type: typeOf(name), options: {} })))
        .filter(({ type, options }) => isOfFlows(sources[type], options)).map(({ name }) => name),
  };
}

/** Returns whether a source makes flows; false for one that is not known. */
function isOfFlows(source: SourceType | undefined, options: Options): boolean {
  return source !== undefined && kindOf(source, options) === "flow";
}

/** Returns the option that names a database; the address of a server may hold a password. */
function optionOf({ type, options }: StoreTarget): string {
  const { shorthand } = DATABASES.find((one) => one.type === type)!;
  const { key, value } = shorthand;
  const given = key === undefined ? undefined : options[key];
  return `--${type} ${value === "FILE" && typeof given === "string" ? quoted(given) : value}`;
}

function feedsOf({ sources: parts }: Config): FedSource[] {
  return parts.flatMap(({ name, type, options }) => {
    const feed = sources[type]!.feed?.(options);
    return feed === undefined ? [] : [{ name, feed }];
  });
}

/** Returns the type in a name that a source has by itself. */
function typeOf(name: string): string {
  return OWN_NAME.exec(name)?.[1] ?? name;
}

/** Returns the sources whose names tell what feeds them. */
function feedsByName(names: readonly string[]): FedSource[] {
  return names.flatMap((name) => {
    const [, type, number] = OWN_NAME.exec(name) ?? [];
    const source = sources[type ?? ""];
    const feed = source?.feed?.({ [source.identity]: Number(number), copyRange: 0 });
    return feed === undefined ? [] : [{ name, feed }];
  });
}
