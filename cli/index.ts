#!/usr/bin/env node
import { errorMessage } from "../programs/user-error";
import { run } from "./main";
import { printToStderr } from "./output";

/** Ends the process; while a program is planned, another function replaces this one. */
const exit = process.exit.bind(process);

// A late failure of a program's background work must not look like a finding.
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => {
    printToStderr(`error: ${errorMessage(error)}`);
    end(2);
  });

run(process.argv.slice(2)).then(end);

/** Ends the process once all output is written: a planned program may have left timers and sockets open. */
function end(status: number): void {
  process.stderr.write("", () => exit(status));
}
