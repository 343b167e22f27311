/**
 * Mocha lifts Node's bound on the length of stack traces. Pulumi's SDK takes a trace for each of its promises,
 * and with source maps each frame costs: a third of the time of the tests went there.
 */
Error.stackTraceLimit = 10;
