/// <reference lib="dom" />
/** Downloads of what is found. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { addressOf } from "../api/client.ts";
import type { StoredKind } from "../api/types.ts";
import { Icon } from "../controls/icon.tsx";
import { Popover } from "../controls/popover.tsx";
import { useCommand } from "../keys/commands.ts";
import { presentMs } from "../time/clock.ts";
import { type Range, timesOf } from "../time/range.ts";

/** Formats, by the kind of record. */
const FORMATS: Readonly<Record<StoredKind, readonly (readonly [format: string, about: string])[]>> =
  {
    packet: [
      ["pcapng", "packets with their rule, interfaces and users"],
      ["pcap", "packets alone, for every tool"],
      ["csv", "a table"],
      ["json", "a line for each packet"],
    ],
    flow: [
      ["csv", "a table"],
      ["json", "a line for each flow"],
    ],
  };

/** Properties of the downloads. */
export interface DownloadProperties {
  kind: StoredKind;
  where: string;
  range: Range;
  /** Whether packets are stored with their bytes. */
  hasPayload: boolean;
}

/** Shows the downloads. */
export function Download({ kind, where, range, hasPayload }: DownloadProperties): JSX.Element {
  const open = useRef(() => {});
  useCommand("download", () => open.current());
  const formats = FORMATS[kind].filter(([format]) => hasPayload || !format.startsWith("pcap"));
  return (
    <Popover
      label={
        <>
          <Icon name="download" />
          <span class="wide-only">Download</span>
        </>
      }
      title="Download what is found"
      align="end"
      opener={(opener) => open.current = opener}
    >
      {(close) => {
        const { fromMs: from, toMs: to } = timesOf(range, presentMs());
        return (
          <>
            <ul class="download">
              {formats.map(([format, about]) => (
                <li key={format}>
                  <a
                    class="button-row"
                    href={addressOf("/api/download", { format, kind, where, from, to })}
                    download
                    onClick={close}
                  >
                    <strong>{format}</strong>
                    <span>{about}</span>
                  </a>
                </li>
              ))}
            </ul>
            {!hasPayload && kind === "packet" && (
              <p class="note">The store keeps no bytes of packets, so there is no pcap.</p>
            )}
          </>
        );
      }}
    </Popover>
  );
}
