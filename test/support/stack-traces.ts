/**
 * Mocha removes Node's limit on the length of stack traces. Pulumi's SDK captures a stack trace for each promise,
 * which is slow, and no test reads the stack traces that are captured while a program runs.
 */
import { stackTraces } from "../../testing/stack-traces";

Error.stackTraceLimit = 10;
stackTraces.captured = false;
