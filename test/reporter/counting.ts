/**
 * Mocha's spec report, followed by the skipped tests and the line `N passed, N failed, N skipped` for people and
 * programs. Mocha prints its counts on three lines and omits zeros.
 */
import { type MochaOptions, type Runner, reporters, type Test } from "mocha";

export default class Counting extends reporters.Spec {
  private readonly skipped: Test[] = [];

  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    runner.on("pending", (test) => this.skipped.push(test));
  }

  override epilogue(): void {
    super.epilogue();
    if (this.skipped.length > 0) process.stdout.write("skipped:\n");
    for (const test of this.skipped) process.stdout.write(`  ${test.fullTitle()}\n`);
    const { passes, failures } = this.stats;
    process.stdout.write(`\n${passes} passed, ${failures} failed, ${this.skipped.length} skipped\n`);
  }
}
