/**
 * Mocha lifts Node's bound on the length of stack traces. Pulumi's SDK takes a trace for each of its promises, and
 * each frame costs: no test reads those that are taken while a program runs.
 */
import { stackTraces } from "../../testing/stack-traces";

Error.stackTraceLimit = 10;
stackTraces.limit = 0;
