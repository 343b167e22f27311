import type { Grantee } from "../access";
import type { SubjectOf, UnknownReason, UnknownSubject } from "../iam";

/** All principals and policies of an account, whichever of them it is. */
const IAM = "aws iam get-account-authorization-details";

type CommandOf<Code extends UnknownSubject["code"]> = (subject: SubjectOf<Code>) => string | undefined;

/**
 * The commands of AWS's CLI that print what is unknown, by its code. What no command prints has none: what the next
 * preview shows, or what only the update will make.
 */
const COMMANDS: { readonly [Code in UnknownSubject["code"]]?: CommandOf<Code> } = {
  document: ({ arn }) => ofIam(arn),
  "managed-policy": ({ arn }) => ofIam(arn),
  "listed-policies": ({ kind }) => (kind === "managed" ? IAM : undefined),
  "other-policies": ({ isNamed }) => (isNamed ? IAM : undefined),
  "principal-policies": ({ principal }) => ofIam(principal),
  "member-outside-stack": () => IAM,
  "group-outside-stack": () => IAM,
  "external-role": ({ arn }) => ofIam(arn),
  "grantee-policies": ({ grantee }) => ofGrantee(grantee),
  "grantee-allowed": ({ grantee }) => ofGrantee(grantee),
  "function-policy-outside-stack": ({ arn }) => functionPolicy(arn),
  "resource-policy-outside-stack": ({ id, region }) =>
    id === undefined ? undefined : `aws apigateway get-rest-api --rest-api-id ${id}${inRegion(region)}`,
};

/** The command whose output, given as account data, makes an unknown known. */
export function commandFor({ subject }: UnknownReason): string | undefined {
  const command = COMMANDS[subject.code] as ((subject: UnknownSubject) => string | undefined) | undefined;
  return command?.(subject);
}

/** The commands for unknowns, each once. */
export function commandsFor(unknowns: readonly UnknownReason[]): readonly string[] {
  return [...new Set(unknowns.flatMap((unknown) => commandFor(unknown) ?? []))];
}

/** What is known by its ARN or its name is in there, policies of AWS's own included that something in the account has. */
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

function inRegion(region: string | undefined): string {
  return region !== undefined && /^[a-z\d-]+$/.test(region) ? ` --region ${region}` : "";
}
