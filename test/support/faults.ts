/** Values that JavaScript code can throw. */
export const FAULTS: readonly (readonly [description: string, make: () => unknown])[] = [
  ["an error", () => new Injected("injected")],
  ["a TypeError", () => new TypeError("undefined is not a function")],
  ["a stack overflow", overflow],
  ["a string", () => "s3cret"],
  ["undefined", () => undefined],
  ["null", () => null],
  ["a symbol", () => Symbol("s3cret")],
  ["an object without a prototype", () => Object.create(null)],
  ["an error whose properties throw", () => unreadable(new Error("injected"), ["message", "stack", "name"])],
  [
    "an error whose stack is a number",
    () => Object.assign(new Error("injected"), { stack: 7, name: Symbol("x") }),
  ],
  ["an error with a secret in its stack trace", () => new Error("injected\n    at s3cret (s3cret:1:1)")],
  ["a value that throws on every access", hostile],
];

class Injected extends Error {
  override readonly name = "Injected";
}

function overflow(): unknown {
  const deeper = (): unknown => [deeper()];
  try {
    return deeper();
  } catch (error) {
    return error;
  }
}

function unreadable(value: object, keys: readonly string[]): object {
  for (const key of keys)
    Object.defineProperty(value, key, {
      get: () => {
        throw new Error("s3cret");
      },
    });
  return value;
}

function hostile(): object {
  const refuse = (): never => {
    throw new Error("s3cret");
  };
  return new Proxy({}, { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse });
}
