import { INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../../../aws";
import {
  type AllowStatement,
  decide,
  functionUrlContext,
  type Hole,
  known,
  matchArn,
  show,
  splitArn,
  type Text,
  text,
  Unknown,
  type UnknownReason,
  withFunctionTags,
} from "../../../iam";
import type { FunctionUrl, PrincipalFacts } from "../../../stack";
import { NO_ROUTES, originsTogether, type Wanted } from "../../answer";
import type { Access } from "../../decisions/access";
import { withResolutions } from "../../decisions/function-policies";
import { inferredDocuments, principalsWithUnknownPolicies, unknownPolicies } from "../../decisions/inference";
import { unrelatedPrincipal } from "../../decisions/principals";
import { isLocatedUrl, type LocatedUrl } from "../../decisions/url-access";
import { dependenciesOf } from "../../unknowns";
import { refusedDistributions, unsignedRequests } from "./distributions";
import { urlGrantees } from "./grantees";
import { type UrlGroup, urlGroups } from "./url-groups";
import { type FunctionUrlVerdict, functionUrlVerdict } from "./verdict";

/**
 * Callers of `AWS_IAM` function URLs: since October 2025 a caller needs `lambda:InvokeFunctionUrl` and
 * `lambda:InvokeFunction`. A URL without authorization has to allow both to everyone.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
export function functionUrlCallers(access: Access, wanted: Wanted = "all"): readonly FunctionUrlVerdict[] {
  const principals = access.facts.principals.filter((principal) => access.urls.mayCallUrls(principal));
  const groups = wanted === "all" ? new Map<FunctionUrl, UrlGroup>() : urlGroups(access, principals);
  const verdicts = access.facts.functionUrls.flatMap((url) => {
    const { authorization, target } = url;
    if (authorization === "NONE") return publicUrl(access, url) ?? [];
    if (authorization !== "AWS_IAM" && !(authorization instanceof Unknown)) return [];
    if (authorization instanceof Unknown || !isLocatedUrl(url)) return [unknownUrl(url)];
    const group = groups.get(url);
    if (group === undefined) {
      const candidates = access.urls.groupKey(target) === undefined ? access.facts.principals : principals;
      return candidates.flatMap((principal) => urlVerdict(access, url, principal));
    }
    if (url !== group.urls[0])
      return group.individual.flatMap((principal) => urlVerdict(access, url, principal));
    return principals.flatMap((principal) => {
      const verdicts = urlVerdict(access, url, principal);
      return group.isShared(principal)
        ? verdicts.map((verdict) => withUrlGroup(verdict, group.urls))
        : verdicts;
    });
  });
  const grantees = urlGrantees(access, verdicts);
  const distributions = [...unsignedRequests(access), ...refusedDistributions(access, grantees)];
  const all = [...verdicts, ...grantees, ...distributions];
  const calledUrls = new Set(all.flatMap(({ functionUrl }) => functionUrl ?? []));
  for (const verdict of all)
    if (verdict.cause === "policies" && verdict.urlGroup !== undefined)
      for (const url of verdict.urlGroup) calledUrls.add(url);
  const uncalled = access.facts.functionUrls.filter(
    (url) => url.authorization === "AWS_IAM" && !calledUrls.has(url),
  );
  return [...all, ...uncalled.flatMap((url) => possibleCallers(access, url))];
}

function withUrlGroup(verdict: FunctionUrlVerdict, urlGroup: readonly FunctionUrl[]): FunctionUrlVerdict {
  return verdict.cause === "policies" ? { ...verdict, urlGroup } : verdict;
}

/**
 * Principals with completely unknown documents, for a URL without another known caller: they may have one of the
 * two actions and lack the other.
 */
function possibleCallers(access: Access, url: FunctionUrl): readonly FunctionUrlVerdict[] {
  if (!isLocatedUrl(url)) return [];
  return principalsWithUnknownPolicies(access).flatMap((principal): readonly FunctionUrlVerdict[] => {
    const byUrl = access.urls.decide(url, principal, INVOKE_FUNCTION_URL);
    const byFunction = access.urls.decide(url, principal, INVOKE_FUNCTION);
    if (byUrl.answer !== "unknown" || byFunction.answer === "yes" || access.isIntegrationRole(principal))
      return [];
    return [
      functionUrlVerdict({
        outcome: "unproven",
        cause: "policies",
        urn: principal.urn,
        routes: [],
        principal,
        target: url.target,
        functionUrl: url,
        decision: access.urls.explained(byUrl, url, principal, INVOKE_FUNCTION_URL),
        unknowns: unknownPolicies(principal),
      }),
    ];
  });
}

const BY_URL = [INVOKE_FUNCTION_URL];
const BY_FUNCTION = [INVOKE_FUNCTION];
const BOTH = [INVOKE_FUNCTION_URL, INVOKE_FUNCTION];

/** Whether unknown principals may call a URL without authorization. */
function publicUrl(access: Access, url: FunctionUrl): FunctionUrlVerdict | undefined {
  const { target } = url;
  const missingActions = missingFromUrl(url);
  if (missingActions.length === 0) return undefined;
  if (target.arn instanceof Unknown) return unknownUrl(url);
  const { arn } = target;
  const decisions = missingActions.map((action) => ({
    action,
    decision: decide({
      request: {
        principal: { kind: "anonymous" },
        action,
        resource: arn,
        context: withFunctionTags(
          functionUrlContext({ action, authType: "NONE" }),
          target.function ?? target,
        ),
      },
      resource: access.functionPolicies.ofTarget(target).forCallers,
      sameAccount: "no",
    }),
  }));
  const missing = decisions.filter(({ decision }) => decision.answer !== "yes");
  const denied = missing.filter(({ decision }) => decision.answer === "no");
  const [entry] = [...denied, ...missing, ...decisions];
  if (entry === undefined) return undefined;
  return functionUrlVerdict({
    outcome: missing.length === 0 ? "allowed" : denied.length > 0 ? "denied" : "unproven",
    cause: "everyone",
    urn: url.urn,
    routes: [],
    target,
    functionUrl: url,
    decision: entry.decision,
    actions: (denied.length > 0 ? denied : missing).map(({ action }) => action),
    inferredFrom: originsTogether(target.inferredFrom),
    unknowns:
      denied.length > 0
        ? []
        : withResolutions(
            target,
            missing.flatMap(({ decision }) => decision.unknowns),
          ),
  });
}

function missingFromUrl({ actionsForEveryone }: FunctionUrl): readonly string[] {
  return BOTH.filter((action) => !actionsForEveryone.includes(action));
}

function unknownUrl(url: FunctionUrl): FunctionUrlVerdict {
  const { authorization, target, label } = url;
  const unknown = (code: "url-authorization" | "url-function", value: unknown): readonly UnknownReason[] =>
    value instanceof Unknown ? [{ subject: { code, url: label }, dependsOn: dependenciesOf(value) }] : [];
  return functionUrlVerdict({
    outcome: "unproven",
    cause: "url-unknown",
    urn: url.urn,
    routes: [],
    target,
    functionUrl: url,
    unknowns: [...unknown("url-authorization", authorization), ...unknown("url-function", target.arn)],
  });
}

/** The reason why a principal is assumed to be intended to call a URL. */
type Intended = "grant" | "unknown-document";

/**
 * A caller is a principal with `lambda:InvokeFunctionUrl` on the function, or with `lambda:InvokeFunction` restricted
 * to calls by its URL; from its own documents, or by name in the function's resource policy. An unknown document that
 * depends on the function may grant one of the two, both, or neither.
 */
function intendedBy(access: Access, url: LocatedUrl, principal: PrincipalFacts): Intended | undefined {
  if (access.urls.coversGroup(url.target, principal)) return "grant";
  const { arn } = url.target;
  const statements = access.urls.statementsOf(principal);
  if (statements.some((statement) => covers(statement, arn)) || namesOtherQualifier(access, url, statements))
    return "grant";
  if (mayInvokeByUrlOnly(access, url, principal) || isAllowedSpecifically(access, url, principal))
    return "grant";
  const fn = url.target.function?.urn;
  const hidden =
    fn !== undefined && principal.sources.some((source) => source.unknownDocument?.functions.includes(fn));
  // For the role of an integration, a document that depends on the function is evaluated with the integration's
  // credentials.
  return hidden && !access.isIntegrationRole(principal) ? "unknown-document" : undefined;
}

function covers({ resources, except }: AllowStatement, arn: Text): boolean {
  return (
    resources.some((pattern) => matchArn(pattern, arn) !== "no") &&
    except.every((pattern) => matchArn(pattern, arn) !== "yes")
  );
}

/**
 * Whether a statement that allows only this action names the function under another qualifier than any of its URLs: it
 * can only be intended for one of them.
 */
function namesOtherQualifier(
  access: Access,
  { target }: FunctionUrl,
  statements: readonly AllowStatement[],
): boolean {
  const { function: fn } = target;
  if (fn === undefined || target.mayHaveQualifier) return false;
  const qualifier: Hole = { id: "qualifier", shape: "word", label: { code: "qualifier" }, origins: [] };
  const urls = access.urls.ofFunction(fn);
  return statements.some(
    (statement) =>
      statement.namesAction &&
      statement.except.length === 0 &&
      statement.resources.some(
        (pattern) =>
          [fn.arn, text(fn.arn, ":", qualifier)].some((text) => matchArn(pattern, text) !== "no") &&
          urls.every(({ target: { arn } }) => !(arn instanceof Unknown) && matchArn(pattern, arn) === "no"),
      ),
  );
}

/** Whether a grant is for this function in particular: a principal that may call all URLs is intended for none. */
function namesFunction(access: Access, { target }: FunctionUrl, principal: PrincipalFacts): boolean {
  const name = target.function === undefined ? undefined : known(target.function.name);
  return access.urls
    .statementsOf(principal)
    .flatMap((statement) => statement.resources)
    .some((pattern) => name !== undefined && show(pattern).includes(`:function:${name}`));
}

function mayInvokeByUrlOnly(access: Access, url: LocatedUrl, principal: PrincipalFacts): boolean {
  // Most have no permission to invoke functions at all.
  const isNamed = access.functionPolicies.ofTarget(url.target).forCallers.sources.length > 0;
  if (!isNamed && !access.urls.mayInvoke(principal)) return false;
  return (
    access.urls.decide(url, principal, INVOKE_FUNCTION).answer === "yes" &&
    access.functions.invoke(principal, url.target, "direct").answer === "no"
  );
}

/**
 * Whether the function's resource policy allows the principal in particular, and not every principal of its account.
 */
function isAllowedSpecifically(access: Access, url: LocatedUrl, principal: PrincipalFacts): boolean {
  if (access.functionPolicies.ofTarget(url.target).forCallers.sources.length === 0) return false;
  const { boundary: _, ...withoutPolicies } = { ...principal, sources: [], unseen: [] };
  const partition = splitArn(principal.arn)?.partition ?? [];
  return (
    access.urls.decide(url, withoutPolicies, INVOKE_FUNCTION_URL).answer === "yes" &&
    access.urls.decide(url, unrelatedPrincipal(principal.account, partition), INVOKE_FUNCTION_URL).answer !==
      "yes"
  );
}

function urlVerdict(
  access: Access,
  url: LocatedUrl,
  principal: PrincipalFacts,
): readonly FunctionUrlVerdict[] {
  const intended = intendedBy(access, url, principal);
  if (intended === undefined) return [];
  const byUrl = access.urls.decide(url, principal, INVOKE_FUNCTION_URL);
  const byFunction = access.urls.decide(url, principal, INVOKE_FUNCTION);
  const missing = [byUrl, byFunction].filter(({ answer }) => answer !== "yes");
  const decision = missing.find(({ answer }) => answer === "no") ?? missing[0] ?? byFunction;
  const hidden = intended === "unknown-document" && missing.length > 0;
  // A grant that a Deny or a condition restricts to calls other than by URL is not intended for the URL.
  const isNamed = (): boolean =>
    (byUrl.reason === "cross-account" && namesFunction(access, url, principal)) ||
    namesOtherQualifier(access, url, access.urls.statementsOf(principal));
  if (!hidden && byUrl.answer === "no" && !isNamed() && !mayInvokeByUrlOnly(access, url, principal))
    return [];
  const denied = decision.answer === "no" && !hidden;
  const action = decision === byUrl ? INVOKE_FUNCTION_URL : INVOKE_FUNCTION;
  return [
    functionUrlVerdict({
      outcome: missing.length === 0 ? "allowed" : denied ? "denied" : "unproven",
      cause: "policies",
      urn: principal.urn,
      routes: NO_ROUTES,
      principal,
      target: url.target,
      functionUrl: url,
      decision: access.urls.explained(decision, url, principal, action),
      actions: action === INVOKE_FUNCTION_URL ? BY_URL : BY_FUNCTION,
      inferredFrom: originsTogether(url.target.inferredFrom, inferredDocuments(principal)),
      unknowns: hidden
        ? unknownDocuments(principal)
        : denied
          ? []
          : withResolutions(
              url.target,
              missing.flatMap((decision) => decision.unknowns),
            ),
    }),
  ];
}

function unknownDocuments(principal: PrincipalFacts): readonly UnknownReason[] {
  return principal.sources.flatMap(({ unknownDocument, label, inferredFrom }): readonly UnknownReason[] =>
    unknownDocument === undefined || unknownDocument.functions.length === 0
      ? []
      : [
          {
            subject: { code: "both-actions", source: label },
            dependsOn: inferredFrom ?? [],
          },
        ],
  );
}
