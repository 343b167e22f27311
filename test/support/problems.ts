import { assertGolden } from "./golden";

/** Examples for each code of a union of problems; a missing code is a compile error. */
export type Examples<Problem extends { readonly code: string }> = {
  readonly [Code in Problem["code"]]: readonly (Problem & { readonly code: Code })[];
};

/**
 * Tests the messages of problems against `test/messages/golden/NAME.txt`.
 *
 * @param name that of the policy
 */
export function testMessages<Problem extends { readonly code: string }>(
  name: string,
  examples: Examples<Problem>,
  write: (problem: Problem) => string,
): void {
  describe(`messages of ${name}`, () => {
    it("match the golden file for each code", () => {
      const codes = Object.keys(examples) as Problem["code"][];
      const messages = codes.flatMap((code) =>
        examples[code].map((problem) => `== ${code}\n${write(problem)}\n`),
      );
      assertGolden(name, messages.join("\n"), "messages");
    });
  });
}
