/**
 * Every output that writes to files. Those that need a server run the suite beside that.
 *
 * @module
 */

import { outputFixtures } from "../outputs/fixtures.ts";
import { filePlace, testWriters } from "./writer_suite.ts";

for (const [type, fixture] of Object.entries(outputFixtures)) {
  if (fixture.server !== undefined) continue;
  testWriters({ type, fixture, place: (variant) => filePlace(fixture, type, variant) });
}
