import { assertEquals, assertRejects } from "@std/assert";
import { Window } from "../../../src/output/messages/window.ts";

/** Returns a window whose answers the test gives. */
function windowOf(messages: number, isRefused = false, bytes = Infinity) {
  const arrived: number[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const window = new Window<number>(
    { messages, bytes },
    (item) => arrived.push(item),
    () => Promise.resolve(isRefused),
  );
  const send = (item: number, bytes = 1) =>
    window.send(item, bytes, () => {
      answers.push(Promise.withResolvers());
      return answers.at(-1)!.promise;
    });
  return { window, arrived, answers, send };
}

Deno.test("no more messages than allowed are on their way", async () => {
  const { window, arrived, answers, send } = windowOf(2);
  await send(1);
  await send(2);
  const third = send(3);
  assertEquals(answers.length, 2);
  answers[0]!.resolve();
  await third;
  assertEquals([answers.length, arrived], [3, [1]]);
  answers[1]!.resolve();
  answers[2]!.resolve();
  await window.drain();
  assertEquals(arrived, [1, 2, 3]);
});

Deno.test("several messages on their way have no more bytes than allowed", async () => {
  const { window, arrived, answers, send } = windowOf(8, false, 100);
  await send(1, 60);
  await send(2, 40);
  const third = send(3, 30);
  const fourth = third.then(() => send(4, 500));
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals(answers.length, 2);
  answers[0]!.resolve();
  await third;
  assertEquals([answers.length, arrived], [3, [1]]);
  answers[1]!.resolve();
  answers[2]!.resolve();
  await fourth;
  // One that is larger by itself goes alone.
  assertEquals([answers.length, arrived], [4, [1, 2, 3]]);
  answers[3]!.resolve();
  await window.drain();
  assertEquals(arrived, [1, 2, 3, 4]);
});

Deno.test("messages arrive in the order of sending, however they are answered", async () => {
  const { window, arrived, answers, send } = windowOf(3);
  for (const item of [1, 2, 3]) await send(item);
  answers[2]!.resolve();
  answers[1]!.resolve();
  const drained = window.drain();
  await Promise.resolve();
  assertEquals(arrived, []);
  answers[0]!.resolve();
  await drained;
  assertEquals(arrived, [1, 2, 3]);
});

Deno.test("a failure is thrown when all on their way are answered, and none behind it has arrived", async () => {
  const { window, arrived, answers, send } = windowOf(3);
  for (const item of [1, 2, 3]) await send(item);
  answers[0]!.resolve();
  answers[1]!.reject(new Error("away"));
  let isOver = false;
  const drained = assertRejects(() => window.drain(), Error, "away").then(() => isOver = true);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assertEquals(isOver, false);
  answers[2]!.resolve();
  await drained;
  assertEquals(arrived, [1]);
});

Deno.test("others go on behind a message that is refused for good", async () => {
  const { window, arrived, answers, send } = windowOf(3, true);
  for (const item of [1, 2]) await send(item);
  answers[0]!.reject(new Error("too large"));
  answers[1]!.resolve();
  await window.drain();
  assertEquals(arrived, [1, 2]);
});
