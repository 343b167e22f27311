import { CLOUDFRONT, INVOKE_FUNCTION, INVOKE_FUNCTION_URL } from "../../../aws";
import {
  actionMatch,
  type Condition,
  type ContextValue,
  type Decision,
  decideResource,
  equal,
  functionUrlContext,
  type Hole,
  isUnknown,
  known,
  mayAllow,
  type PolicySource,
  type Principal,
  type PrincipalEntry,
  type Statement,
  show,
  splitArn,
  type Text,
  type Trilean,
  text,
  Unknown,
  type UnknownReason,
  withFunctionTags,
} from "../../../iam";
import type { FunctionTarget, FunctionUrl, Permission, PrincipalFacts } from "../../../stack";
import { originsTogether } from "../../answer";
import type { Access } from "../../decisions/access";
import { targetKey, withResolutions } from "../../decisions/function-policies";
import type { Grantee } from "../../unknowns";
import { type FunctionUrlVerdict, functionUrlVerdict } from "./verdict";

/** A statement in a function's resource policy that allows calls of the function's URL. */
interface UrlGrant {
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly source: PolicySource;
  readonly statement: Statement;
  /** The Lambda permission that adds the statement, if one does. */
  readonly permission?: Permission;
}

/** A principal that a statement names, as a caller. */
export interface Caller {
  readonly grantee: Grantee;
  readonly principal: Principal;
  readonly known: Readonly<Record<string, ContextValue>>;
  /** Whether it is in the account of the function, so that its own policies may be sufficient. */
  readonly sameAccount: Trilean;
  /** The same principal, if the stack contains it. */
  readonly stackPrincipal?: PrincipalFacts | undefined;
}

/**
 * Principals outside the stack that the resource policy of a function allows to call its `AWS_IAM` URL: CloudFront's
 * origin access control, other accounts, organizations. Each needs `lambda:InvokeFunction`, too.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 *
 * @param ofPrincipals the verdicts on principals of the stack: an account that one of them is in is not reported again
 */
export function urlGrantees(
  access: Access,
  ofPrincipals: readonly FunctionUrlVerdict[],
): readonly FunctionUrlVerdict[] {
  const accounts = ofPrincipals.flatMap((verdict) =>
    "principal" in verdict ? [verdict.principal.account] : [],
  );
  return grantsOfUrls(access).flatMap((grant) =>
    callersOf(access, grant)
      .filter(({ grantee, principal }) => {
        const account = "account" in principal ? principal.account : undefined;
        // For a statement that names everyone, the callers are those of the stack, where it has some.
        if (
          grantee.kind === "everyone" &&
          ofPrincipals.some(({ target }) => targetKey(target) === targetKey(grant.target))
        )
          return false;
        return (
          grantee.kind !== "account" || !accounts.some((text) => account && equal(text, account) === "yes")
        );
      })
      .flatMap((caller) => grantVerdict(access, grant, caller) ?? []),
  );
}

function grantsOfUrls(access: Access): readonly UrlGrant[] {
  const { permissions, functionPolicies } = access.facts;
  const all = [
    ...permissions.map((permission) => ({ ...permission, permission })),
    ...functionPolicies
      .filter(({ isFunctionUnknown }) => !isFunctionUnknown)
      .map((policy) => ({ ...policy, label: policy.source.label })),
  ];
  return all.flatMap(({ source, ...entry }): readonly UrlGrant[] =>
    isUnknown(source.document) || source.mayNotApply !== undefined
      ? []
      : source.document.statements
          .filter(({ effect }) => effect === "Allow")
          .filter((statement) => actionMatch(statement, INVOKE_FUNCTION_URL) === "yes")
          .map((statement) => ({ ...entry, source, statement })),
  );
}

/** The URLs of the stack that a grant applies to. */
interface GrantedUrls {
  /** Those on the same version or alias. */
  readonly onSameQualifier: readonly FunctionUrl[];
  readonly onOtherQualifiers: readonly FunctionUrl[];
}

function urlsOf(access: Access, { target }: UrlGrant): GrantedUrls | undefined {
  const functionKey = targetKey(target);
  const { arn } = target;
  if (arn instanceof Unknown) return undefined;
  const urls = access.facts.functionUrls.filter((url) => targetKey(url.target) === functionKey);
  const areUrlsKnown = urls.every(
    (url) => !(url.target.arn instanceof Unknown) && !(url.authorization instanceof Unknown),
  );
  // Unknown properties of a URL are reported once, on the URL.
  if (!areUrlsKnown) return undefined;
  const isOn = (url: FunctionUrl): boolean =>
    !(url.target.arn instanceof Unknown) && equal(url.target.arn, arn) === "yes";
  return { onSameQualifier: urls.filter(isOn), onOtherQualifiers: urls.filter((url) => !isOn(url)) };
}

function grantVerdict(access: Access, grant: UrlGrant, caller: Caller): FunctionUrlVerdict | undefined {
  const urls = urlsOf(access, grant);
  if (urls === undefined) return undefined;
  const [url] = urls.onSameQualifier;
  if (url !== undefined)
    return url.authorization === "AWS_IAM" ? secondAction(access, grant, caller, url) : undefined;
  const iamUrls = urls.onOtherQualifiers.filter(({ authorization }) => authorization === "AWS_IAM");
  if (iamUrls.length > 0) return otherQualifier(access, grant, caller, iamUrls);
  // The URL may be in another stack, where the statement can serve no other purpose.
  return urls.onOtherQualifiers.length === 0 && isForIam(grant.statement, caller)
    ? secondAction(access, grant, caller, undefined)
    : undefined;
}

function isForIam({ conditions }: Statement, { principal }: Caller): boolean {
  if (principal.kind === "service" && principal.name === CLOUDFRONT) return true;
  return conditions.some(
    ({ key, values, negated }) =>
      key === "lambda:functionurlauthtype" &&
      !negated &&
      values.every((value) => known(value.text) === "AWS_IAM"),
  );
}

/** Whether a principal with permission to call a URL has the second action that every call requires. */
function secondAction(
  access: Access,
  grant: UrlGrant,
  caller: Caller,
  url: FunctionUrl | undefined,
): FunctionUrlVerdict | undefined {
  const { target } = grant;
  // A principal of the stack is also evaluated by its own policies.
  if (caller.stackPrincipal !== undefined || target.arn instanceof Unknown) return undefined;
  if (allows(access, caller, { target, arn: target.arn }, INVOKE_FUNCTION_URL).answer === "no")
    return undefined;
  const decision = allows(access, caller, { target, arn: target.arn }, INVOKE_FUNCTION);
  const invokePermission =
    decision.answer === "unknown" ? invokePermissionFor(access, grant, caller) : undefined;
  const denied = decision.answer === "no" && caller.sameAccount === "no";
  const unknowns = decision.answer === "no" ? unknownsOf(caller) : withResolutions(target, decision.unknowns);
  return functionUrlVerdict({
    ...subjectOf(grant, caller),
    target: url?.target ?? target,
    ...(url === undefined ? {} : { functionUrl: url }),
    outcome:
      decision.answer === "yes" || invokePermission !== undefined
        ? "allowed"
        : denied
          ? "denied"
          : "unproven",
    cause: "second-action",
    decision,
    actions: [INVOKE_FUNCTION],
    inferredFrom: originsTogether(target.inferredFrom, invokePermission?.sourceArnOrigins),
    unknowns: decision.answer === "yes" || invokePermission !== undefined || denied ? [] : unknowns,
  });
}

function subjectOf({ urn, label }: UrlGrant, { grantee }: Caller) {
  return { urn, routes: [], grantee: { ...grantee, grantedBy: label } };
}

/** Why a principal without a statement in the function's resource policy may still be allowed to invoke it. */
function unknownsOf({ grantee, sameAccount }: Caller): readonly UnknownReason[] {
  if (grantee.kind === "everyone")
    return [
      { subject: { code: "callers-of-url" }, dependsOn: [], resolution: { code: "second-permission" } },
    ];
  const code = sameAccount === "yes" ? "grantee-policies" : "grantee-account";
  return [{ subject: { code, grantee }, dependsOn: [], could: "allow" }];
}

/** A grant on a version or alias that has no URL, while another one has. */
function otherQualifier(
  access: Access,
  grant: UrlGrant,
  caller: Caller,
  urls: readonly FunctionUrl[],
): FunctionUrlVerdict | undefined {
  if (grant.target.mayHaveQualifier) return undefined;
  const decisions = urls.map((url) => ({
    url,
    decision:
      url.target.arn instanceof Unknown
        ? undefined
        : allows(access, caller, { target: url.target, arn: url.target.arn }, INVOKE_FUNCTION_URL),
  }));
  const [first] = decisions;
  if (first?.decision === undefined || decisions.some(({ decision }) => decision?.answer !== "no"))
    return undefined;
  // A principal of the function's account may be allowed by its own policies.
  const { stackPrincipal, sameAccount, grantee } = caller;
  const mayHaveAction =
    stackPrincipal === undefined
      ? sameAccount !== "no"
      : mayAllow(stackPrincipal.sources, INVOKE_FUNCTION_URL) !== "no";
  const unseen = stackPrincipal?.unseen ?? [];
  const isUnproven = mayHaveAction || unseen.length > 0;
  return functionUrlVerdict({
    ...subjectOf(grant, caller),
    target: first.url.target,
    functionUrl: first.url,
    outcome: isUnproven ? "unproven" : "denied",
    cause: "other-qualifier",
    decision: first.decision,
    actions: [INVOKE_FUNCTION_URL],
    inferredFrom: originsTogether(grant.target.inferredFrom, first.url.target.inferredFrom),
    unknowns: isUnproven
      ? [
          {
            subject: { code: "grantee-allowed", grantee, action: INVOKE_FUNCTION_URL },
            dependsOn: [],
            could: "allow",
          },
        ]
      : [],
  });
}

/** A function whose ARN is known. */
interface LocatedFunction {
  readonly target: FunctionTarget;
  readonly arn: Text;
}

/**
 * Whether the resource policy of a function allows a caller an action with the authorization type AWS_IAM; other
 * policies of the caller are not evaluated.
 */
export function allows(
  access: Access,
  { principal, known: keys }: Caller,
  { target, arn }: LocatedFunction,
  action: string,
): Decision {
  const { sources, unseen, forCallers } = access.functionPolicies.ofTarget({ ...target, arn });
  return decideResource({
    request: {
      principal,
      action,
      resource: arn,
      context: withFunctionTags(
        functionUrlContext({ caller: principal, action, authType: "AWS_IAM", known: keys }),
        target.function,
      ),
    },
    resource: { sources, unseen: [...new Set([...unseen, ...forCallers.unseen])] },
  });
}

/** The permission for the second action whose source ARN has the same dependencies as that of the first. */
function invokePermissionFor(
  access: Access,
  { permission, target }: UrlGrant,
  caller: Caller,
): Permission | undefined {
  const originKeys = keysOf(permission);
  if (originKeys === "") return undefined;
  return access.functionPolicies.ofTarget(target).permissions.find((candidate) => {
    const { document } = candidate.source;
    const [statement] = isUnknown(document) ? [] : document.statements;
    return (
      keysOf(candidate) === originKeys &&
      statement !== undefined &&
      actionMatch(statement, INVOKE_FUNCTION) === "yes" &&
      statement.principal?.entries.some(
        (entry) =>
          entry.kind === "service" &&
          caller.principal.kind === "service" &&
          known(entry.text) === caller.principal.name,
      )
    );
  });
}

function keysOf(permission: Permission | undefined): string {
  return (permission?.sourceArnOrigins ?? [])
    .map(({ key }) => key)
    .sort()
    .join();
}

function callersOf(access: Access, { statement, target }: UrlGrant): readonly Caller[] {
  const { principal, conditions } = statement;
  if (principal === undefined || principal.not || target.arn instanceof Unknown) return [];
  const place = splitArn(target.arn);
  if (place === undefined) return [];
  const isAccountAssumed = target.function?.scope.isAccountAssumed === true;
  return principal.entries.flatMap((entry): readonly Caller[] => {
    const keys = knownKeys(conditions, entry.kind === "service");
    if (entry.kind === "everyone") return callersForEveryone(place.partition, conditions, keys);
    if (entry.kind === "service") {
      const name = known(entry.text);
      if (name === undefined) return [];
      const service: Principal = { kind: "service", name };
      return [{ grantee: { kind: "service", name }, principal: service, known: keys, sameAccount: "no" }];
    }
    const identity = identityOf(entry, place.partition);
    if (identity === undefined) return [];
    const isSameAccount = equal(identity.principal.account, place.account);
    const sameAccount = isSameAccount === "no" && isAccountAssumed ? "unknown" : isSameAccount;
    // A statement for an account delegates to the account's own policies, and grants nothing without them.
    if (identity.grantee.kind === "account" && sameAccount === "yes") return [];
    const stackPrincipal = access.facts.principals.find(
      (principal) => equal(principal.arn, identity.principal.arn) === "yes",
    );
    return [{ ...identity, known: keys, sameAccount, stackPrincipal }];
  });
}

interface Identity {
  readonly grantee: Grantee;
  readonly principal: Extract<Principal, { readonly kind: "role" | "user" }>;
}

function identityOf(entry: PrincipalEntry, partition: Text): Identity | undefined {
  if (entry.kind === "role" || entry.kind === "user") {
    const account = splitArn(entry.text)?.account;
    if (account === undefined) return undefined;
    const principal = { kind: entry.kind, arn: entry.text, account } as const;
    return { grantee: { kind: "principal", arn: show(entry.text) }, principal };
  }
  if (entry.kind === "account") {
    const account = show(entry.account);
    return {
      grantee: { kind: "account", account },
      principal: unknownRole(partition, entry.account, account),
    };
  }
  return undefined;
}

/** The organizations that a statement for everyone requires, else everyone with a signature. */
function callersForEveryone(
  partition: Text,
  conditions: readonly Condition[],
  keys: Readonly<Record<string, ContextValue>>,
): readonly Caller[] {
  const organizations = conditions
    .filter(({ key, negated }) => ORGANIZATION.has(key) && !negated)
    .flatMap(({ key, values }) => values.map((value) => ({ key, value: withoutWildcards(value.text) })));
  const roleIn = (id: string): Identity["principal"] => {
    const account: Hole = { id: `account:${id}`, shape: "digits", label: { code: "account" }, origins: [] };
    return unknownRole(partition, text(account), id);
  };
  if (organizations.length === 0)
    return [{ grantee: { kind: "everyone" }, principal: roleIn("any"), known: keys, sameAccount: "unknown" }];
  return organizations.map(({ key, value }): Caller => {
    // A path begins with the organization: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
    const organization = show(value).split("/")[0] ?? "";
    return {
      grantee: { kind: "organization", organization },
      principal: roleIn(organization),
      known: { ...keys, [key]: { state: "present", values: [value] } },
      sameAccount: "no",
    };
  });
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid */
const ORGANIZATION: ReadonlySet<string> = new Set(["aws:principalorgid", "aws:principalorgpaths"]);

function unknownRole(partition: Text, account: Text, id: string): Identity["principal"] {
  const name: Hole = { id: `role:${id}`, shape: "any", label: { code: "role" }, origins: [] };
  return { kind: "role", arn: text("arn:", partition, ":iam::", account, ":role/", name), account };
}

const KEYS = ["aws:sourcearn", "aws:sourceaccount", "aws:principalorgid"] as const;

/** The condition keys of principals that meet a statement's conditions: exactly the required values. */
export function knownKeys(
  conditions: readonly Condition[],
  service: boolean,
): Readonly<Record<string, ContextValue>> {
  const keys: Record<string, ContextValue> = service
    ? { "aws:sourcearn": { state: "unknown" }, "aws:sourceaccount": { state: "unknown" } }
    : {};
  for (const key of KEYS) {
    const values = conditions
      .filter((condition) => condition.key === key && !condition.negated)
      .flatMap((condition) => condition.values);
    const [only, ...more] = values;
    if (only !== undefined && more.length === 0)
      keys[key] = { state: "present", values: [withoutWildcards(only.text)] };
  }
  return keys;
}

/** A value that matches a pattern. */
function withoutWildcards(pattern: Text): Text {
  return text(
    ...pattern.flatMap((piece) =>
      typeof piece === "string"
        ? piece.split(/([*?])/).map((part, index): string | Hole =>
            /^[*?]$/.test(part)
              ? {
                  id: `wildcard:${index}:${piece}`,
                  shape: "any",
                  label: { code: "named", name: part },
                  origins: [],
                }
              : part,
          )
        : [piece],
    ),
  );
}
