import assert from "node:assert/strict";
import { isServiceTarget } from "../../stack";
import { check, type Finding, type PlanOptions, type PolicyConfig, plan } from "../../testing";
import { assertSameFindingsOnFullStack } from "./same-as-sdk";

export type Moment = "first-preview" | "deployed";
export const MOMENTS: readonly Moment[] = ["first-preview", "deployed"];

export interface Case {
  readonly name: string;
  readonly program: () => unknown;
  /** Findings as `policy @ resource name` in any order, for both moments or for each. */
  readonly expected: readonly string[] | Readonly<Record<Moment, readonly string[]>>;
  readonly config?: Record<string, unknown>;
  /** The findings in the preview of an update that creates the resources with these names. */
  readonly update?: { readonly creates: readonly string[]; readonly expected: readonly string[] };
  readonly only?: readonly string[];
  readonly plan?: Partial<PlanOptions>;
  /** Texts that the messages contain, if there are findings. */
  readonly messageIncludes?: readonly string[];
}

/** For example `iam-route-caller-lambda-invoke @ caller`. */
export function findingLabel(finding: Finding): string {
  return `${finding.policy} @ ${finding.resource.slice(finding.resource.lastIndexOf("::") + 2)}`;
}

export async function findings(testCase: Case, as: PlanOptions["as"]): Promise<Finding[]> {
  const planned = await plan(testCase.program, { as, ...testCase.plan });
  const config = testCase.config as PolicyConfig | undefined;
  const found = await check(planned, config === undefined ? {} : { config });
  // Only for the stacks that differ most, to save time.
  if (planned.resources.some(({ type }) => isServiceTarget(type)))
    await assertSameFindingsOnFullStack(found, planned.resources, config);
  return found;
}

/**
 * Adds an update that creates the resources with these names. The findings are those of the deployed stack, because
 * values of existing resources are known.
 */
export function withUpdate(cases: readonly Case[], creates: readonly string[]): readonly Case[] {
  return cases.map((testCase) => {
    const expected: readonly string[] =
      "deployed" in testCase.expected ? testCase.expected.deployed : testCase.expected;
    return { update: { creates, expected }, ...testCase };
  });
}

/**
 * Runs each case at both moments, and as an update if the case has one.
 *
 * @param ignored policies whose findings are not compared
 */
export function runCases(cases: readonly Case[], ignored: readonly string[] = []): void {
  for (const testCase of cases) {
    for (const moment of MOMENTS) {
      const expected = Array.isArray(testCase.expected)
        ? testCase.expected
        : (testCase.expected as Record<Moment, readonly string[]>)[moment];
      it(`${testCase.name}: ${reported(expected)} (${moment})`, () =>
        expectFindings(testCase, moment, expected, ignored));
    }
    const { update } = testCase;
    if (update === undefined) continue;
    const as = { update: ({ name }: { readonly name: string }) => !update.creates.includes(name) };
    it(`${testCase.name}: ${reported(update.expected)} (update)`, () =>
      expectFindings(testCase, as, update.expected, ignored));
  }
}

/** The part of a title that states the expected findings. */
function reported(expected: readonly string[]): string {
  return `reports ${expected.length === 0 ? "no findings" : expected.join(", ")}`;
}

async function expectFindings(
  testCase: Case,
  as: PlanOptions["as"],
  expected: readonly string[],
  ignored: readonly string[],
): Promise<void> {
  const found = await findings(testCase, as);
  const labels = found
    .filter((finding) => testCase.only === undefined || testCase.only.includes(finding.policy))
    .filter((finding) => !ignored.includes(finding.policy))
    .map(findingLabel)
    .sort();
  assert.deepEqual(
    labels,
    [...expected].sort(),
    found.map((finding) => `${findingLabel(finding)}\n${finding.message}`).join("\n\n"),
  );
  const text = found.map((finding) => finding.message).join("\n");
  for (const expectedText of found.length === 0 ? [] : (testCase.messageIncludes ?? []))
    assert.ok(text.includes(expectedText), `no message contains ${expectedText}:\n${text}`);
}
