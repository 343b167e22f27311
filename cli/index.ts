#!/usr/bin/env node
import { reasonOf } from "../programs/failure";
import { run } from "./main";
import { note } from "./output";

/** Ends the process; a program that is planned finds another function in this one's place. */
const exit = process.exit.bind(process);

// What a program left to happen later, and goes wrong then, must not look like a finding.
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => {
    note(`error: ${reasonOf(error)}`);
    end(2);
  });

run(process.argv.slice(2)).then(end);

/** Ends the process once all is written: a program that was planned may have left timers and sockets behind. */
function end(status: number): void {
  process.stderr.write("", () => exit(status));
}
