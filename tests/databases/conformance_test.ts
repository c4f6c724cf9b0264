/**
 * The suite of all outputs, for databases.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { testWriters } from "../conformance/system/writer_suite.ts";
import { temporaryFolder } from "../system/process.ts";

const sqlite = outputFixtures.sqlite!;
testWriters({
  type: "sqlite",
  fixture: sqlite,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const table = { ...sqlite.place(path), ...variant };
    return {
      folder: path,
      table,
      arrived() {
        using database = opened(String(sqlite.place(path).path));
        const rows = database.prepare("SELECT source_port FROM packets ORDER BY rowid").all();
        return Promise.resolve(rows.map(({ source_port }) => Number(source_port)));
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});

function opened(path: string): DatabaseSync & Disposable {
  return new DatabaseSync(path, { readOnly: true });
}
