/// <reference lib="dom" />
/** The drawer: one record, decoded. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Field } from "../../dissect/field.ts";
import type { Row, StoredKind } from "../api/types.ts";
import { useQuery } from "../api/use_query.ts";
import { IconButton } from "../controls/icon_button.tsx";
import { Notice } from "../controls/notice.tsx";
import { type CopiedRow, Copies } from "./copies.tsx";
import { Decoded } from "./decoded.tsx";
import { FactList } from "./fact_list.tsx";
import { titleOf } from "./facts.ts";
import { Ways } from "./ways.tsx";

/** Properties of the drawer. */
export interface DrawerProperties {
  kind: StoredKind;
  /** Address of the record in the store. */
  id: string;
  onClose(): void;
  /** Adds a term to the expression, or excludes what it chooses. */
  onTerm(term: string, isExcluded: boolean): void;
  /** Shows the page of an address. */
  onAbout(address: string): void;
}

/** Answer of `/api/record`. */
interface RecordAnswer {
  record: Row;
  /** Bytes in hexadecimal. */
  payload?: string;
  fields?: Field[];
}

/** Shows a record. */
export function Drawer({ kind, id, onClose, onTerm, onAbout }: DrawerProperties): JSX.Element {
  const { data, error, isLoading, retry } = useQuery<RecordAnswer>("/api/record", { kind, id }, {
    keeps: false,
  });
  const head = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus({ preventScroll: true });
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, []);
  useEffect(() => body.current?.scrollTo({ top: 0 }), [kind, id]);
  const title = data === undefined ? isLoading ? "Loading…" : "No record" : titleOf(data.record);
  return (
    <section class="drawer" aria-labelledby="drawer-title">
      <header class="drawer-head">
        <h2 id="drawer-title" ref={head} tabIndex={-1}>{title}</h2>
        <IconButton icon="close" label="Close" hint="Esc" onClick={onClose} />
      </header>
      <div class="drawer-body" ref={body}>
        {error !== undefined && <Notice text={error.message} onRetry={retry} />}
        {data !== undefined && <Contents answer={data} id={id} onTerm={onTerm} onAbout={onAbout} />}
      </div>
    </section>
  );
}

function Contents(
  { answer, id, onTerm, onAbout }:
    & { answer: RecordAnswer }
    & Pick<DrawerProperties, "id" | "onTerm" | "onAbout">,
): JSX.Element {
  const { record, payload, fields } = answer;
  const bytes = useMemo(() => payload === undefined ? undefined : bytesOf(payload), [payload]);
  const row = record as CopiedRow;
  return (
    <>
      <Ways row={row} id={id} hasBytes={bytes !== undefined} />
      <FactList row={record} onTerm={onTerm} onAbout={onAbout} />
      {record.type === "packet" && (
        <section class="drawer-part" aria-labelledby="drawer-decoded">
          <h3 id="drawer-decoded">Headers and bytes</h3>
          {bytes !== undefined && fields !== undefined
            ? <Decoded key={id} fields={fields} bytes={bytes} />
            : <NoBytes />}
        </section>
      )}
      <Copies row={row} />
    </>
  );
}

function NoBytes(): JSX.Element {
  return (
    <p class="drawer-none">
      The bytes of this packet are not stored. Write <code>payload = true</code>{" "}
      in the output's table: packets from then on have them.
    </p>
  );
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
