import assert from "node:assert/strict";
import { isCalled } from "../../stack";
import { check, type Finding, type PlanOptions, type PolicyConfig, plan } from "../../testing";
import { isFoundInTheWhole } from "./both-ways";

export type World = "first-preview" | "deployed";
export const WORLDS: readonly World[] = ["first-preview", "deployed"];

export interface Case {
  readonly name: string;
  readonly program: () => unknown;
  /** Findings as `policy @ resource name`, in any order, at both moments or in each. */
  readonly expected: readonly string[] | Readonly<Record<World, readonly string[]>>;
  readonly config?: Record<string, unknown>;
  /** What is found in the preview of an update that creates the resources of some names, where that is looked at. */
  readonly update?: { readonly creates: readonly string[]; readonly expected: readonly string[] };
  readonly only?: readonly string[];
  readonly plan?: Partial<PlanOptions>;
  /** Parts that some message must hold, wherever there is one. */
  readonly says?: readonly string[];
}

/** `iam-route-caller-lambda-invoke @ caller` */
export function brief(finding: Finding): string {
  return `${finding.policy} @ ${finding.resource.slice(finding.resource.lastIndexOf("::") + 2)}`;
}

export async function findings(one: Case, as: PlanOptions["as"]): Promise<Finding[]> {
  const planned = await plan(one.program, { as, ...one.plan });
  const config = one.config as PolicyConfig | undefined;
  const found = await check(planned, config === undefined ? {} : { config });
  // Where it differs most: not everywhere, for time.
  if (planned.resources.some(({ type }) => isCalled(type)))
    await isFoundInTheWhole(found, planned.resources, config);
  return found;
}

/** The same cases, and an update that creates the resources of some names: what exists is known, so it decides as deployed. */
export function withUpdate(cases: readonly Case[], creates: readonly string[]): readonly Case[] {
  return cases.map((one) => {
    const expected: readonly string[] = "deployed" in one.expected ? one.expected.deployed : one.expected;
    return { update: { creates, expected }, ...one };
  });
}

/** Runs each case at both moments, and as an update. Advisory scope findings are left out unless a case asks for them. */
export function runCases(cases: readonly Case[], ignored: readonly string[] = []): void {
  for (const one of cases) {
    for (const world of WORLDS) {
      const expected = Array.isArray(one.expected)
        ? one.expected
        : (one.expected as Record<World, readonly string[]>)[world];
      it(`${one.name} (${world})`, () => expectFindings(one, world, expected, ignored));
    }
    const { update } = one;
    if (update === undefined) continue;
    const as = { update: ({ name }: { readonly name: string }) => !update.creates.includes(name) };
    it(`${one.name} (update)`, () => expectFindings(one, as, update.expected, ignored));
  }
}

async function expectFindings(
  one: Case,
  as: PlanOptions["as"],
  expected: readonly string[],
  ignored: readonly string[],
): Promise<void> {
  const found = await findings(one, as);
  const seen = found
    .filter((finding) => one.only === undefined || one.only.includes(finding.policy))
    .filter((finding) => !ignored.includes(finding.policy))
    .map(brief)
    .sort();
  assert.deepEqual(
    seen,
    [...expected].sort(),
    found.map((finding) => `${brief(finding)}\n${finding.message}`).join("\n\n"),
  );
  const text = found.map((finding) => finding.message).join("\n");
  for (const part of found.length === 0 ? [] : (one.says ?? []))
    assert.ok(text.includes(part), `no message says ${part}:\n${text}`);
}
