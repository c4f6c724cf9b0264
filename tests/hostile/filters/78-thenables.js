// Answers with objects that are like promises and misbehave.
// deno-lint-ignore-file
let count = 0;
const answers = [
  () => ({ then() {} }),
  () => ({
    then(yes, no) {
      yes("pcap");
      yes("logemu");
      no(new Error("x"));
      yes("pcap");
    },
  }),
  () => ({
    get then() {
      throw new Error("no then");
    },
  }),
  () => ({
    then(yes) {
      yes({
        then(again) {
          again("pcap");
        },
      });
    },
  }),
  () => ({
    then(yes) {
      setTimeout(yes, 1, "pcap");
      setTimeout(yes, 2, "pcap");
    },
  }),
  () => ({
    then(yes) {
      yes(this);
    },
  }),
  () => new Proxy(Promise.resolve("pcap"), {}),
  () => Object.create(Promise.prototype),
  () => Object.assign(Promise.resolve("pcap"), { then: undefined }),
  () => ({
    then(_yes, no) {
      no();
    },
  }),
];
export default () => {
  count++;
  return count % 20 === 0 ? answers[count / 20 % answers.length]() : "pcap";
};
