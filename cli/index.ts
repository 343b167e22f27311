#!/usr/bin/env node
import { run } from "./main";
import { note } from "./output";

// What a program left to happen later, and goes wrong then, must not look like a finding.
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => {
    note(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  });

// A program that was planned may have left timers and sockets behind.
run(process.argv.slice(2)).then((status) => process.exit(status));
