import type {
  HoleLabel,
  Origin,
  Resolution,
  StatementPlace,
  SubjectOf,
  UnknownReason,
  UnknownSubject,
} from "../iam";
import { type PolicyKind, SECRET } from "../stack";
import { commandFor, isControlPolicy } from "./commands";
import { showProblem } from "./document-problems";
import { showHole } from "./holes";
import { type Language, writerOf } from "./languages";
import { showGrantee, showRouteName, showTargetName } from "./names";
import { showElement, showQuote } from "./quotes";
import { list } from "./text";

/** The unknown value, with its dependencies. */
export function showUnknown(unknown: UnknownReason): string {
  const namedOrigins = unknown.dependsOn.filter((origin) => !isSecret(origin));
  const labels = [...new Set(namedOrigins.map(({ label }) => label))];
  const dependencies = labels.length > 0 ? `, which depends on ${list(labels)}` : "";
  return `${showSubject(unknown.subject)}${dependencies}${isEncrypted(unknown) ? ": it is encrypted in the state" : ""}`;
}

function isEncrypted({ dependsOn }: UnknownReason): boolean {
  return dependsOn.some(isSecret);
}

function isSecret({ key }: Origin): boolean {
  return key === SECRET.key;
}

/** The resolution of an unknown of which only the dependencies are known. */
const RESOLVE = "preview again once the resources named above exist, or write their values as literals";

/** https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
const DECRYPT = "export the stack with its secrets in plaintext (pulumi stack export --show-secrets)";

/** The resolution of an unknown itself; `undefined` when its dependencies are to be resolved instead. */
function resolutionOf(unknown: UnknownReason, language: Language): string | undefined {
  const command = commandFor(unknown);
  const change = changeOf(unknown, language);
  // Values that depend on resources are known once these exist; account data may still be missing then.
  if (command === undefined) return change;
  const data = `pass the output of this command as account data: ${command}`;
  return change === undefined || isOfOrganization(unknown) ? data : `${change}; or ${data}`;
}

/** Control policies are managed in stacks of the management account, which have no routes. */
function isOfOrganization({ subject }: UnknownReason): boolean {
  return (
    subject.code === "control-policy-list" || (subject.code === "document" && isControlPolicy(subject.arn))
  );
}

/** The change in the program or its environment; `undefined` when the dependencies resolve the unknown. */
function changeOf(unknown: UnknownReason, language: Language): string | undefined {
  if (isEncrypted(unknown)) return DECRYPT;
  if (unknown.resolution !== undefined) return showResolution(unknown.resolution, language);
  if (unknown.varies) return "make it cover every request to the route, or none";
  return unknown.dependsOn.length > 0
    ? undefined
    : "write it as a literal in this stack; if no later preview shows it either, exempt the resource";
}

/** The resolutions of unknowns, without duplicates. */
export function resolutions(unknowns: readonly UnknownReason[], language: Language): readonly string[] {
  return [...new Set(unknowns.map((unknown) => resolutionOf(unknown, language) ?? RESOLVE))];
}

const MAX_UNKNOWNS = 8;

/** Unknowns, one per line, each with its resolution. */
export function showUnknowns(unknowns: readonly UnknownReason[], language: Language): readonly string[] {
  const lines = new Map<string, UnknownReason>();
  for (const unknown of unknowns) {
    const resolution = resolutionOf(unknown, language);
    lines.set(
      `  - Unknown: ${showUnknown(unknown)}.${resolution === undefined ? "" : ` To resolve: ${resolution}.`}`,
      unknown,
    );
  }
  const listed = [...lines].slice(0, MAX_UNKNOWNS);
  const more = lines.size - listed.length;
  return [
    ...listed.map(([line]) => line),
    ...(more > 0 ? [`  - and ${more} more`] : []),
    ...(listed.some(([, unknown]) => resolutionOf(unknown, language) === undefined)
      ? [`To resolve: ${RESOLVE}.`]
      : []),
  ];
}

function place({ statement, source }: StatementPlace): string {
  return `${statement} in ${source}`;
}

function missing(labels: readonly HoleLabel[]): string {
  return labels.length === 0 ? "" : `, since the plan does not show ${labels.map(showHole).join(", ")}`;
}

const KINDS: Readonly<Record<PolicyKind, string>> = {
  inline: "inline policies",
  managed: "managed policies",
};

const SUBJECTS: { readonly [Code in UnknownSubject["code"]]: (subject: SubjectOf<Code>) => string } = {
  // Decisions about policy documents
  "request-choice": ({ choices, allowed, denied, undecided }) => {
    const answers = [
      ["allowed for", allowed],
      ["denied for", denied],
      ["undecided for", undecided],
    ] as const;
    const parts = answers.filter(([, values]) => values.length > 0);
    return `${choices.map(showHole).join(", ")}: ${parts.map(([answer, values]) => `${answer} ${values.join(", ")}`).join("; ")}`;
  },
  "principal-policies": ({ principal }) =>
    principal === undefined
      ? "the policies of the principal, which are not in the plan"
      : `the policies of ${principal}, which is not in this stack`,
  "same-account": () => "whether the principal and the resource are in the same account",
  "boundary-limits-everyone": () => "whether the permissions boundary limits what is allowed to everyone",
  document: ({ source }) => `the document of ${source}`,
  "control-policy-list": ({ kind }) => `which further ${kind} control policies are attached to the account`,
  "control-policy-account": ({ kind, principal }) =>
    `whether the ${kind} control policies of the account data are those of the account of ${principal}`,
  "covered-requests": ({ pattern, ...statement }) =>
    `which requests the Resource ${showQuote(pattern)} of ${place(statement)} covers`,
  "statement-resource": (statement) => `the Resource of ${place(statement)}${missing(statement.missing)}`,
  "statement-condition": (statement) =>
    `condition ${showQuote(statement.key)} of ${place(statement)}${missing(statement.missing)}`,
  "service-principal": ({ pattern, service, ...statement }) =>
    `whether the Principal ${showElement(pattern)} of ${place(statement)} is ${service}`,
  "statement-principal": (statement) => `the Principal of ${place(statement)}`,
  "statement-action": (statement) => `the Action of ${place(statement)}`,
  "statement-effect": (statement) => `the Effect of ${place(statement)}`,

  // Principals and their policies
  "resource-policy-may-remain": ({ api }) =>
    `whether ${api} still has the resource policy that is in its state but not set by the program`,
  "policy-may-remain": ({ principal, policy, resource }) =>
    `whether ${principal} still has ${policy}, which the state of ${resource} lists and the program does not set`,
  "policy-not-listed": ({ principal, policy, resource }) =>
    `whether ${principal} keeps ${policy}, since ${resource} removes policies that it does not list`,
  "policy-list": ({ kind, resource }) => `the ${KINDS[kind]} that ${resource} lists`,
  "listed-policies": ({ kind, resource }) =>
    `the ${KINDS[kind]} that ${resource} lists and that are not in this stack`,
  "attached-policy": ({ resource }) => `the policy that ${resource} attaches`,
  "managed-policy": ({ arn, resource }) =>
    `the managed policy ${arn ?? `that ${resource} names`}, which is not in this stack`,
  "encrypted-principal": ({ resource }) =>
    `whether ${resource} applies to this principal, which is encrypted in the state`,
  "blank-principal": ({ principal }) => `${principal}, which is unknown in this preview`,
  "other-policies": ({ principal, isNamed, kind }) => {
    const policies =
      kind === "groups"
        ? "is in groups that have policies"
        : `has other ${kind === undefined ? "policies" : KINDS[kind]}`;
    return `whether ${principal}, which is ${isNamed ? "not in this stack" : "unknown"}, ${policies}`;
  },
  "member-outside-stack": ({ user }) =>
    `whether ${user}, a member that is not in this stack, has other policies`,
  "group-outside-stack": ({ resource }) => `a group that ${resource} names and that is not in this stack`,
  "groups-may-remain": ({ resource }) =>
    `whether the user is still in the groups that the state of ${resource} lists`,
  "external-role": ({ arn }) =>
    `the policies and the trust policy of ${arn ?? "the credentials role"}, which is not a role of this stack`,

  // Callers
  "caller-in-account": ({ principal, api }) =>
    `whether ${principal} is in the account of API ${api}: the two-step rule applies to callers in that account`,
  "general-caller": ({ principal }) =>
    `whether ${principal}, which an AWS managed policy allows to call every API, calls this one: that depends on its trust policy`,
  "intended-caller": ({ principal, route, api }) =>
    `whether ${principal} is intended to call ${showRouteName(route)}: it can invoke the functions of other routes of API ${api}, and no other caller is evidently intended for this one`,
  "intended-route": ({ principal, route, api, otherRoute, hasFunction }) =>
    `whether ${principal} is intended to call ${showRouteName(route)} or only routes of API ${api} without ${hasFunction ? "caller credentials" : "a function"}, such as ${showRouteName(otherRoute)}`,
  "literal-grant": ({ source }) =>
    `whether ${source} also grants access to a literal ARN, since the program refers to the function by a literal`,

  // Resource policies of APIs
  "resource-policy-outside-stack": ({ api }) =>
    `the resource policy of API ${api}, which is not in this stack`,
  "resource-policy-in-body": ({ api }) => `the resource policy that the body of API ${api} may contain`,
  "resource-policy-set": ({ api }) => `whether API ${api} has a resource policy`,
  "resource-policy-kept": ({ policy }) => `whether the API still has the ${policy}`,
  "resource-policy-at-deployment": ({ api }) =>
    `whether the stack that deploys private API ${api} gives it a resource policy`,
  "vpc-endpoint": ({ api, endpoints }) =>
    `whether requests come through a VPC endpoint that the resource policy allows: it allows none through ${endpoints.join(", ")}, which the stack associates with API ${api}`,

  // Routes, integrations and authorizers
  "route-target": ({ route }) => `the target of ${showRouteName(route)}`,
  "route-authorization": ({ route }) => `the authorization of ${showRouteName(route)}`,
  "integration-target": ({ integration }) => `the target of ${integration}`,
  "integration-in-body": ({ target }) =>
    `whether an integration in the body calls ${showTargetName(target)}, and if so, whether it has credentials: the function then needs no permission`,
  credentials: ({ label }) => `the credentials of ${label}`,
  "authorizer-used": ({ authorizer, api }) => `whether a route of API ${api} uses ${authorizer}`,
  "remaining-methods": ({ path, route }) =>
    `which methods other routes of ${path} handle instead of ${showRouteName(route)}`,
  "any-in-source-arn": () =>
    "whether API Gateway presents ANY, as in the permission's source ARN, or the request's method for an ANY route of an HTTP API",

  // Functions and their resource policies
  "called-function": () => "the function that it calls",
  "called-qualifier": ({ function: fn }) => `the version or alias of ${fn ?? "the function"} that is called`,
  "called-target": ({ target, likely }) =>
    `whether ${showTargetName(target)} or ${showTargetName(likely)} is called`,
  "function-policy": () => "the resource policy of an unknown function",
  "function-policy-outside-stack": ({ arn }) =>
    `the resource policy of ${arn}, which is not a function of this stack`,
  "function-of-permission": ({ permission }) => `the function that ${permission} is for`,
  "inferred-source-arn": ({ permission, dependsOn }) =>
    `the stage, method and path in the source ARN of ${permission}, which depends on ${dependsOn.join(" and ")}`,
  "replaced-permission": ({ permission, policy }) =>
    `whether ${permission} remains, since ${policy} replaces all statements on the function when it is applied`,

  "called-resource-policy": ({ action }) =>
    `the policy of the resource that ${action} is called on, which may not be in this stack`,

  // Function URLs
  "url-authorization": ({ url }) => `the authorization of ${url}`,
  "url-function": ({ url }) => `the function of ${url}`,
  "url-signer": ({ origin }) => `who signs the requests that ${origin} sends to the URL`,
  "both-actions": ({ source }) =>
    `whether ${source} allows both lambda:InvokeFunctionUrl and lambda:InvokeFunction`,
  "callers-of-url": () =>
    "the callers of the URL: the function's resource policy allows lambda:InvokeFunctionUrl for everyone but lambda:InvokeFunction for no one. Callers in other accounts need both there; callers in the function's account may have the second in their own policies",
  "grantee-policies": ({ grantee }) => `the policies of ${showGrantee(grantee)}, which is not in this stack`,
  "grantee-account": ({ grantee }) => `whether ${showGrantee(grantee)} is in the function's account`,
  "grantee-allowed": ({ grantee, action }) =>
    `whether the policies of ${showGrantee(grantee)} allow ${action} on it`,
};

export function showSubject(subject: UnknownSubject): string {
  const show = SUBJECTS[subject.code] as (subject: UnknownSubject) => string;
  return show(subject);
}

type ResolutionOf<Code extends Resolution["code"]> = Extract<Resolution, { readonly code: Code }>;

const RESOLUTIONS: {
  readonly [Code in Resolution["code"]]: (resolution: ResolutionOf<Code>, language: Language) => string;
} = {
  several: ({ resolutions }, language) =>
    resolutions.map((resolution) => showResolution(resolution, language)).join("; "),
  "grant-in-stack": () => "grant the action in a policy that is part of this stack",
  "known-account": (_, language) =>
    `set ${writerOf(language).terms.allowedAccountIds} of the provider to show the account of both; or preview again once resources of the account exist`,
  "provider-account": (_, language) =>
    `set ${writerOf(language).terms.allowedAccountIds} of the provider, so that previews show the account; or preview again once a resource exists`,
  "accepted-document": ({ problem }) => `correct the document, which IAM refuses: ${showProblem(problem)}`,
  "accepted-statement": ({ problem }) => `correct the statement, which IAM refuses: ${showProblem(problem)}`,
  "accepted-resource": () => 'write an ARN or "*" as the Resource: IAM refuses the document as it is',
  "remove-condition": () =>
    "remove the condition; or exempt the resource if requests meet the condition, since a plan never shows this value",
  "write-service": ({ service }) => `write ${service}`,

  "set-in-program": ({ principal }) =>
    principal === undefined
      ? "set the policy in the program, or refresh the state (pulumi refresh) once the API no longer has it"
      : `set it in the program, or refresh the state (pulumi refresh) once ${principal} no longer has it`,
  "add-to-list": ({ resource }) => `add it to the list in ${resource}, or remove it from the program`,
  "add-to-document": ({ policy }) => `put the statement into the document of ${policy}`,
  "preview-after-api-for-source-arn": () => "preview again once the API exists, when the source ARN is known",
  "declare-path": () => "declare the path's Resource in this stack, or write * for the path",
  "preview-after-resource": ({ resource }) =>
    `preview again once ${resource} exists, or write * for the path`,

  "declare-stage": () => "declare the stage in this stack, or write * for it",
  "preview-after-api": () => "preview again once the API exists, when the document is known",
  "preview-after-api-or-name-function": () =>
    "preview again once the API exists, when the document is known; or name the route's function in it",
  "preview-caller-stack": () => "preview the stack that the caller belongs to, or exempt it afterwards",
  "preview-role-stack": () => "run the pack on the stack that owns the role",
  "preview-function-stack-or-grant": () =>
    "grant it in a policy of the caller; or run the pack on the stack that owns the function",
  "preview-function-stack-or-permit": () =>
    "run the pack on the stack that owns the function, or declare the function's permission here",
  // https://www.pulumi.com/docs/iac/concepts/functions/provider-functions/#output-form
  "document-shown": (_, language) => {
    const { document, policyDocument } = writerOf(language).terms;
    return `preview again once the document has a value; or write it ${document}, so that Pulumi tracks its dependencies (with ${policyDocument} it does not)`;
  },
  "separate-document": () =>
    "put the grant for the function in a separate document, which the plan then shows",
  "write-known-function-arn": () => "write the function's ARN in a form that the plan shows",
  "function-shown": () =>
    "preview again once the function exists, or use the ARN or invoke ARN of the alias itself",
  "permit-or-preview-body": () =>
    "give the function a Lambda Permission for this API, or preview again once the body is known",
  "any-method": () => "write * for the method in the permission's source ARN: it covers both",
  "any-method-or-preview-routes": () =>
    "write * for the method in the permission's source ARN; or preview again once the other routes are known",
  "declare-resource-policy": () => "declare its RestApiPolicy in this stack",
  "same-vpc-endpoints": () =>
    "name these VPC endpoints in the policy's aws:SourceVpce, or their VPC in its aws:SourceVpc",
  "second-permission": () =>
    "add a permission for lambda:InvokeFunction with invokedViaFunctionUrl, or name the callers as the principals of permissions",
  "origin-access-control": () =>
    "give the origin an origin access control, or exempt the distribution if its clients sign the requests",
};

export function showResolution(resolution: Resolution, language: Language): string {
  const show = RESOLUTIONS[resolution.code] as (resolution: Resolution, language: Language) => string;
  return show(resolution, language);
}
