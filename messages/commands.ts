import type { Grantee } from "../access";
import type { SubjectOf, UnknownReason, UnknownSubject } from "../iam";

/** All principals and policies of an account. */
const IAM = "aws iam get-account-authorization-details";

type CommandOf<Code extends UnknownSubject["code"]> = (subject: SubjectOf<Code>) => string | undefined;

/** Unknowns that no command prints: values that only the next preview, the update or a request shows. */
const NONE = (): undefined => undefined;

/** The commands of the AWS CLI that print an unknown value, by its code: the table has every code. */
const COMMANDS: { readonly [Code in UnknownSubject["code"]]: CommandOf<Code> } = {
  // Decisions about policy documents
  "request-choice": NONE,
  "principal-policies": ({ principal }) => ofIam(principal),
  "same-account": NONE,
  "boundary-limits-everyone": NONE,
  document: ({ arn }) => (isControlPolicy(arn) ? controlPolicy(arn) : ofIam(arn)),
  "control-policy-list": ({ kind }) =>
    `aws organizations list-policies-for-target --filter ${kind.toUpperCase()}_CONTROL_POLICY --target-id TARGET`,
  // The account of the stack: known once something of it exists.
  "control-policy-account": NONE,
  "covered-requests": NONE,
  "statement-resource": NONE,
  "statement-condition": ({ tagsOf }) => functionTags(tagsOf),
  "service-principal": NONE,
  "statement-principal": NONE,
  "statement-action": NONE,
  "statement-effect": NONE,

  // Principals and their policies. A refresh resolves values that the state has and the program does not set.
  "resource-policy-may-remain": NONE,
  "policy-may-remain": NONE,
  "policy-not-listed": NONE,
  "policy-list": NONE,
  "listed-policies": ({ kind }) => (kind === "managed" ? IAM : undefined),
  "attached-policy": NONE,
  "managed-policy": ({ arn }) => ofIam(arn),
  "encrypted-principal": NONE,
  "blank-principal": NONE,
  "other-policies": ({ isNamed }) => (isNamed ? IAM : undefined),
  "member-outside-stack": () => IAM,
  "group-outside-stack": () => IAM,
  "groups-may-remain": NONE,
  "external-role": ({ arn }) => ofIam(arn),

  // Callers
  "caller-in-account": NONE,
  "general-caller": ({ isExternal }) => (isExternal === true ? IAM : undefined),
  "intended-caller": NONE,
  "intended-route": NONE,
  "literal-grant": NONE,

  // Resource policies of APIs
  "resource-policy-outside-stack": ({ id, region }) =>
    id === undefined ? undefined : `aws apigateway get-rest-api --rest-api-id ${id}${inRegion(region)}`,
  "resource-policy-in-body": NONE,
  "resource-policy-set": NONE,
  "resource-policy-kept": NONE,
  "resource-policy-at-deployment": NONE,
  "vpc-endpoint": NONE,

  // Routes, integrations and authorizers
  "route-target": NONE,
  "route-authorization": NONE,
  "integration-target": NONE,
  "integration-in-body": NONE,
  credentials: NONE,
  "authorizer-used": NONE,
  "remaining-methods": NONE,
  "any-in-source-arn": NONE,

  // Functions and their resource policies
  "called-function": NONE,
  "called-qualifier": NONE,
  "called-target": NONE,
  "function-policy": NONE,
  "function-policy-outside-stack": ({ arn }) => functionPolicy(arn),
  "function-of-permission": NONE,
  "inferred-source-arn": NONE,
  "replaced-permission": NONE,

  // Services other than Lambda: account data does not contain their policies
  "called-resource-policy": NONE,

  // Function URLs
  "url-authorization": NONE,
  "url-function": NONE,
  "url-signer": NONE,
  "both-actions": NONE,
  "callers-of-url": NONE,
  "grantee-policies": ({ grantee }) => ofGrantee(grantee),
  "grantee-account": NONE,
  "grantee-allowed": ({ grantee }) => ofGrantee(grantee),
};

/** The command whose output, given as account data, resolves an unknown. */
export function commandFor({ subject }: UnknownReason): string | undefined {
  const command = COMMANDS[subject.code] as (subject: UnknownSubject) => string | undefined;
  return command(subject);
}

/** The commands for unknowns, without duplicates. */
export function commandsFor(unknowns: readonly UnknownReason[]): readonly string[] {
  return [...new Set(unknowns.flatMap((unknown) => commandFor(unknown) ?? []))];
}

/**
 * Resources known by ARN or name are in its output, including AWS managed policies that are attached to something in
 * the account.
 */
function ofIam(name: string | undefined): string | undefined {
  return name === undefined ? undefined : IAM;
}

function ofGrantee(grantee: Grantee): string | undefined {
  return grantee.kind === "principal" ? ofIam(grantee.arn) : undefined;
}

/** `arn:aws:lambda:eu-west-1:123456789012:function:orders:live` */
const FUNCTION = /^(arn:[\w-]+:lambda:([\w-]+):\d{12}:function:[\w-]+)(?::([\w$-]+))?$/;

function functionPolicy(arn: string): string | undefined {
  const [, functionArn, region, qualifier] = FUNCTION.exec(arn) ?? [];
  if (functionArn === undefined) return undefined;
  return `aws lambda get-policy --function-name ${functionArn}${qualifier === undefined ? "" : ` --qualifier '${qualifier}'`}${inRegion(region)}`;
}

/** Tags belong to the function and apply to all of its versions. */
function functionTags(arn: string | undefined): string | undefined {
  const [, functionArn, region] = FUNCTION.exec(arn ?? "") ?? [];
  return functionArn === undefined
    ? undefined
    : `aws lambda get-function --function-name ${functionArn}${inRegion(region)}`;
}

/** `arn:aws:organizations::111111111111:policy/o-exampleorgid/service_control_policy/p-examplepolicyid111` */
const CONTROL_POLICY = /^arn:[\w-]+:organizations::.*\/(p-\w+)$/;

export function isControlPolicy(arn: string | undefined): arn is string {
  return arn?.includes(":organizations:") === true;
}

function controlPolicy(arn: string): string | undefined {
  const [, id] = CONTROL_POLICY.exec(arn) ?? [];
  return id === undefined ? undefined : `aws organizations describe-policy --policy-id ${id}`;
}

function inRegion(region: string | undefined): string {
  return region !== undefined && /^[a-z\d-]+$/.test(region) ? ` --region ${region}` : "";
}
