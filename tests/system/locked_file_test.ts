import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pcapFile } from "nfscribe";
import { lazySymbols } from "../../ffi/libc.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { openFolder } from "../../src/buffer/segment_folder.ts";
import { OutputError } from "../../src/errors.ts";
import { closeLocked } from "../../src/files/locked_file.ts";
import { temporaryFolder } from "./process.ts";

const symbols = lazySymbols({
  /** `int dup(int oldfd)` (unistd.h) */
  dup: { parameters: ["i32"], result: "i32" },
  /** `int close(int fd)` (unistd.h) */
  close: { parameters: ["i32"], result: "i32" },
});

/** Returns the descriptor of a file that is open. */
function descriptorOf(file: Deno.FsFile): number {
  const { ino } = file.statSync();
  for (let fd = 0; fd < 1024; fd++) {
    if (readProcFile(`/proc/self/fdinfo/${fd}`)?.includes(`ino:\t${ino}\n`)) return fd;
  }
  throw new Error("no descriptor");
}

Deno.test("a spool that is closed is free, though a process that is being started has its descriptors", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/spool`;
  const open = () => openFolder(path, ".rows", () => {}).lock;
  const first = open();
  // As fork(2) does.
  const copy = symbols().dup(descriptorOf(first));
  closeLocked(first);
  try {
    closeLocked(open());
  } finally {
    assertEquals(symbols().close(copy), 0);
  }
});

Deno.test("a file system that gives no locks is named as the reason, and nothing is left there", async () => {
  await using folder = await temporaryFolder();
  const { tryLockSync } = Deno.FsFile.prototype;
  // As NFS without its lock service answers.
  Deno.FsFile.prototype.tryLockSync = () => {
    throw new Error("No locks available (os error 37)");
  };
  const reason = "its file system gives no lock (flock: No locks available); choose " +
    "a place on a local file system, or have NFS lock: the server's lock service, or the option " +
    "nolock (nfs(5))";
  try {
    const path = `${folder.path}/a.pcap`;
    const error = await assertRejects(() => pcapFile(path), OutputError);
    assertEquals(error.message, `Cannot open ${path}: ${reason}`);
    assertEquals([...Deno.readDirSync(folder.path)], []);
    const spool = `${folder.path}/spool`;
    assertThrows(
      () => openFolder(spool, ".rows", () => {}),
      OutputError,
      `Cannot use the spool ${spool}: ${reason}`,
    );
  } finally {
    Deno.FsFile.prototype.tryLockSync = tryLockSync;
  }
});
