/**
 * Writes to a file system until it is full, makes room, and continues; the tests run it on a small
 * one of its own. Prints the results as JSON.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { OutputError } from "../../src/errors.ts";
import { FileWriter } from "../../src/output/file/file_writer.ts";

/** The size of a page, so that a full disk has no room for a header either. */
const RECORD = new Uint8Array(4096).fill(0x78);
const HEADER = new Uint8Array(24);

const [folder = "", seconds = ""] = Deno.args;
Deno.writeFileSync(`${folder}/ballast`, new Uint8Array(400_000));

const said: string[] = [];
await using writer = new FileWriter(
  {
    path: `${folder}/f`,
    sync: true,
    ...seconds !== "" && { rotateSeconds: Number(seconds) },
  },
  { header: HEADER, check: (_, size) => ({ end: size }) },
  (message) => said.push(message),
);

/** Returns the size of all files, without their headers and the ballast. */
function bytesInFiles(): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    if (name !== "ballast") sum += Deno.statSync(`${folder}/${name}`).size - HEADER.length;
  }
  return sum;
}

let written = 0;
function writeSome(times: number): string[] {
  const errors: string[] = [];
  for (let n = 0; n < times; n++) {
    try {
      writer.write(RECORD);
      written++;
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      errors.push(error.message);
    }
  }
  return errors;
}

/** Waits until the path is checked again, and its second is over. */
const aWhile = () => delay(1010);

const whenFull = writeSome(300);
await aWhile();
whenFull.push(...writeSome(2));
await aWhile();
whenFull.push(...writeSome(2));
const left = bytesInFiles() - written * RECORD.length;
Deno.removeSync(`${folder}/ballast`);
await aWhile();
const later = writeSome(3);
console.log(JSON.stringify({
  failed: whenFull.length,
  message: whenFull[0],
  left,
  later,
  leftLater: bytesInFiles() - written * RECORD.length,
  files: [...Deno.readDirSync(folder)].length,
  said,
}));
