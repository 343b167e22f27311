#!/usr/bin/env node
import { reasonOf } from "./failure";
import { run } from "./main";
import { note } from "./output";

// What a program left to happen later, and goes wrong then, must not look like a finding.
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => {
    note(`error: ${reasonOf(error)}`);
    end(2);
  });

run(process.argv.slice(2)).then(end);

/** Ends the process once all is written: a program that was planned may have left timers and sockets behind. */
function end(status: number): void {
  process.stderr.write("", () => process.exit(status));
}
