import {
  allowStatements,
  and,
  type Decision,
  decide,
  equal,
  functionUrlContext,
  matchArn,
  mayConcern,
  show,
  splitArn,
  type Text,
  Unknown,
} from "../iam";
import type { FunctionUrl, PrincipalFacts } from "../stack";
import { type Access, asPrincipal, INVOKE } from "./access";
import { originsTogether, type Verdict } from "./verdict";

const INVOKE_URL = "lambda:InvokeFunctionUrl";

/**
 * Callers of `AWS_IAM` function URLs: since October 2025 a caller needs `lambda:InvokeFunctionUrl` and
 * `lambda:InvokeFunction`. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export function functionUrlCallers(access: Access): readonly Verdict[] {
  return access.facts.functionUrls.flatMap((url) => {
    if (url.authorization !== "AWS_IAM") return [];
    const { arn } = url.target;
    if (arn instanceof Unknown) return [];
    return access.facts.principals.flatMap((principal) => urlVerdict(access, url, arn, principal));
  });
}

function ask(
  access: Access,
  url: FunctionUrl,
  arn: Text,
  principal: PrincipalFacts,
  action: string,
): Decision {
  const account = splitArn(arn)?.account;
  return decide({
    request: {
      principal: asPrincipal(principal),
      action,
      resource: arn,
      context: functionUrlContext({ caller: asPrincipal(principal), action, authType: "AWS_IAM" }),
    },
    identity: principal,
    resource: { sources: access.statementsOf(url.target).forCallers, unseen: [] },
    sameAccount: account === undefined ? "unknown" : equal(principal.account, account),
  });
}

/** A caller is who is granted one of the two actions on this very function: a wildcard names no function. */
function meantFor(principal: PrincipalFacts, arn: Text): boolean {
  return allowStatements(principal.sources, INVOKE_URL)
    .flatMap((statement) => statement.resources)
    .some((pattern) => matchArn(pattern, arn) !== "no");
}

function urlVerdict(
  access: Access,
  url: FunctionUrl,
  arn: Text,
  principal: PrincipalFacts,
): readonly Verdict[] {
  if (mayConcern(principal.sources, INVOKE_URL) === "no" || !meantFor(principal, arn)) return [];
  const byUrl = ask(access, url, arn, principal, INVOKE_URL);
  if (byUrl.answer === "no") return [];
  const byFunction = ask(access, url, arn, principal, INVOKE);
  const answer = and([byUrl.answer, byFunction.answer]);
  return [
    {
      gate: "caller may call the function URL",
      outcome: answer === "yes" ? "allowed" : byFunction.answer === "no" ? "denied" : "unproven",
      cause: "policies",
      urn: principal.urn,
      routes: [],
      principal,
      target: url.target,
      functionUrl: url,
      decision: byFunction,
      asked: show(arn),
      actions: [INVOKE],
      inferredFrom: originsTogether(
        url.target.inferredFrom,
        ...principal.sources.map((source) => source.inferredFrom),
      ),
      doubts: answer === "unknown" ? [...byUrl.doubts, ...byFunction.doubts] : [],
      notes: [],
    },
  ];
}
