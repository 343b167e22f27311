/**
 * Counts the unproven verdicts of the corpus that account data decides. The account data is the output of the commands
 * that the verdicts name, with everything that the stack does not declare.
 */
import { deepStrictEqual, match, ok } from "node:assert";
import type { Verdict } from "../../access";
import { readAccountFile } from "../../account";
import { analyze } from "../../engine/analyze";
import { commandFor, commandsFor } from "../../messages";
import { type PlannedResource, plan } from "../../testing";
import type { Entry, Moment } from "./corpus";
import { entriesOfCorpus, momentOf } from "./corpus";

const TRUST = ["apigateway.amazonaws.com", "ec2.amazonaws.com"].map((Service) => ({
  Effect: "Allow",
  Principal: { Service },
  Action: "sts:AssumeRole",
}));

const documentOf = (...Statement: readonly object[]): object => ({ Version: "2012-10-17", Statement });

/** Account data for everything that verdicts leave unproven, in which AWS either allows all of it or nothing. */
function accountData(verdicts: readonly Verdict[], allows: boolean): readonly unknown[] {
  const statement = allows
    ? [{ Effect: "Allow", Action: ["lambda:*", "execute-api:*"], Resource: "*" }]
    : [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }];
  const arns = new Set<string>();
  const functions = new Set<string>();
  for (const { subject } of verdicts.flatMap(({ unknowns }) => unknowns)) {
    if (subject.code === "function-policy-outside-stack") functions.add(subject.arn);
    else if ("arn" in subject && typeof subject.arn === "string") arns.add(subject.arn);
    else if (subject.code === "principal-policies" && subject.principal !== undefined)
      arns.add(subject.principal);
  }
  const iam = (kind: string) => [...arns].filter((arn) => arn.includes(`:${kind}/`));
  const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);
  const details = {
    UserDetailList: [],
    GroupDetailList: [],
    RoleDetailList: iam("role").map((Arn, at) => ({
      Path: "/",
      RoleName: nameOf(Arn),
      RoleId: `AROACORPUS${String(at).padStart(11, "0")}`,
      Arn,
      AssumeRolePolicyDocument: documentOf(...TRUST),
      RolePolicyList: [{ PolicyName: "own", PolicyDocument: documentOf(...statement) }],
      AttachedManagedPolicies: [],
    })),
    Policies: iam("policy").map((Arn) => ({
      PolicyName: nameOf(Arn),
      Arn,
      Path: "/",
      DefaultVersionId: "v1",
      PolicyVersionList: [{ VersionId: "v1", IsDefaultVersion: true, Document: documentOf(...statement) }],
    })),
  };
  const policies = [...functions].map((Resource) => ({
    Policy: JSON.stringify(
      documentOf({
        Sid: "other",
        Effect: "Allow",
        Principal: allows ? { Service: "apigateway.amazonaws.com" } : { Service: "s3.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Resource,
      }),
    ),
    RevisionId: "2a3c1d4e-0000-4000-8000-000000000000",
  }));
  return [details, ...policies];
}

interface Open {
  readonly name: string;
  readonly moment: Moment;
  readonly resources: readonly PlannedResource[];
  readonly config: NonNullable<Entry["config"]>;
  readonly verdicts: readonly Verdict[];
}

async function unprovenOf(
  { resources, config }: Pick<Open, "resources" | "config">,
  data: readonly unknown[] = [],
): Promise<readonly Verdict[]> {
  const account = data.map((value, at) => {
    const read = readAccountFile(value);
    ok(read !== undefined);
    return { ...read, file: `${at}.json`, asOf: "2026-11-27" };
  });
  const { decisions, faults } = await analyze(resources, config, undefined, { account });
  deepStrictEqual(faults, []);
  return decisions.flatMap(({ verdicts }) => verdicts).filter(({ outcome }) => outcome === "unproven");
}

const hasCommand = ({ unknowns }: Verdict): boolean => commandsFor(unknowns).length > 0;

describe("the corpus with account data", function () {
  this.timeout(300_000);
  const open: Open[] = [];

  before(async () => {
    for (const entry of entriesOfCorpus())
      for (const [moment, answer] of Object.entries(entry.answers) as [Moment, { unproven?: number }][]) {
        if (!answer.unproven) continue;
        const { resources } = await plan(entry.program, { ...entry.options, as: momentOf(entry, moment) });
        if (entry.state !== undefined) resources.forEach(entry.state);
        const config = entry.config ?? {};
        open.push({
          name: entry.name,
          moment,
          resources,
          config,
          verdicts: await unprovenOf({ resources, config }),
        });
      }
  });

  for (const allows of [true, false])
    it(`decides the resources outside the stack if AWS allows ${allows ? "everything" : "nothing"}`, async () => {
      for (const moment of ["first", "update", "deployed"] as const) {
        let [all, outsideStack, decided] = [0, 0, 0];
        for (const entry of open.filter((each) => each.moment === moment)) {
          all += entry.verdicts.length;
          const before = entry.verdicts.filter(hasCommand).length;
          if (before === 0) continue;
          outsideStack += before;
          const after = await unprovenOf(entry, accountData(entry.verdicts, allows));
          decided += entry.verdicts.length - after.length;
          // Verdicts that remain unproven depend on values that no command prints.
          if (moment === "deployed") deepStrictEqual(after.filter(hasCommand), [], entry.name);
        }
        console.log(
          `      ${moment}: ${all} unproven answers, ${outsideStack} of them with a command that settles it; ${decided} decided`,
        );
        if (moment === "deployed")
          ok(decided === outsideStack && outsideStack > 0, `${decided} of ${outsideStack}`);
      }
    });

  it("has a command for each unproven verdict about a resource outside the stack, and for no other", () => {
    const unknowns = open.flatMap(({ verdicts }) => verdicts.flatMap((verdict) => verdict.unknowns));
    for (const unknown of unknowns) {
      const { code } = unknown.subject;
      if (code === "function-policy-outside-stack" && !unknown.subject.arn.startsWith("arn:aws:lambda:"))
        continue;
      if (/outside-stack$|^external-role$|^managed-policy$|^principal-policies$/.test(code))
        match(commandFor(unknown) ?? "", /^aws [a-z]+ get-[a-z-]+/, code);
      else if (code !== "document") deepStrictEqual(commandFor(unknown), undefined, code);
    }
  });
});
