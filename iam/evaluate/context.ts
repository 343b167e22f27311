import { API_GATEWAY } from "../../aws";
import { splitArn } from "../text/arn";
import { type Hole, isHole, type Piece, type Text, text } from "../text/text";
import type { Trilean } from "../text/trilean";
import type { Context, ContextValue, Principal, Tags } from "./model";

/**
 * The condition keys that a request certainly has, certainly lacks, or may have: one table for each kind of call.
 * `docs/iam.md` shows them side by side.
 *
 * Global keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (each with a
 * paragraph "Availability"). Keys of Lambda:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html, of execute-api:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html and
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
 */
type KeyTable = Readonly<Record<string, ContextValue>>;

const ABSENT: ContextValue = { state: "absent" };
const UNKNOWN: ContextValue = { state: "unknown" };

function present(...values: readonly (string | Text)[]): ContextValue {
  return { state: "present", values: values.map((value) => (typeof value === "string" ? [value] : value)) };
}

function contextOf(...tables: readonly KeyTable[]): Context {
  const keys = new Map<string, ContextValue>();
  const prefixes = new Map<string, ContextValue>();
  for (const table of tables)
    for (const [key, value] of Object.entries(table)) (/[/:]$/.test(key) ? prefixes : keys).set(key, value);
  return { keys, prefixes, otherKeys: "unknown" };
}

const ENDPOINT_ID: Hole = {
  id: "endpoint-id",
  shape: "word",
  varies: true,
  label: { code: "endpoint-id" },
  origins: [],
};

/** Both services accept only TLS, so every request that reaches them uses it. */
const OVER_TLS: KeyTable = { "aws:securetransport": present("true") };

/**
 * Keys that identify the resource on whose behalf a *service* calls: they are present only when a service principal
 * calls. Forward access sessions and service chains use other keys: API Gateway is not among the services of
 * `aws:CalledVia`.
 */
const NOT_A_SERVICE: KeyTable = {
  "aws:sourcearn": ABSENT,
  "aws:sourceaccount": ABSENT,
  // The condition of SNS's default topic policy; it does not allow a role of the topic's account, as reported here:
  // https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/151
  "aws:sourceowner": ABSENT,
  "aws:sourceorgid": ABSENT,
  "aws:sourceorgpaths": ABSENT,
  "aws:principalisawsservice": present("false"),
  "aws:principalservicename": ABSENT,
  "aws:principalservicenameslist": ABSENT,
  "aws:calledvia": ABSENT,
  "aws:calledviafirst": ABSENT,
  "aws:calledvialast": ABSENT,
};

/**
 * Lambda adds this key to requests that a function's code makes with the credentials of its execution role, and to few
 * others (https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html).
 */
const NO_FUNCTION_CODE: KeyTable = { "lambda:sourcefunctionarn": ABSENT };

/** Lambda's keys for `lambda:InvokeFunction` without a function URL. */
const NO_FUNCTION_URL: KeyTable = {
  // AWS does not document whether the key is present, with the value false, when the call does not use a function URL.
  "lambda:invokedviafunctionurl": { state: "unknown", values: [["false"]] },
  "lambda:functionurlauthtype": ABSENT,
  // Lambda's documentation lists this key for event source mappings and function URLs, not for InvokeFunction.
  "lambda:functionarn": ABSENT,
  "lambda:eventsourcetoken": ABSENT,
};

/** The keys that describe the caller. */
function principalKeys(principal: Principal): KeyTable {
  switch (principal.kind) {
    case "role":
      return {
        "aws:principalarn": present(principal.arn),
        "aws:principalaccount": present(principal.account),
        "aws:principaltype": present("AssumedRole"),
        "aws:username": ABSENT,
        "aws:userid": UNKNOWN,
        ...principalTags(principal.tags),
      };
    case "user": {
      const name = nameOf(principal.arn);
      return {
        "aws:principalarn": present(principal.arn),
        "aws:principalaccount": present(principal.account),
        "aws:principaltype": present("User"),
        "aws:username": name ? present(name) : UNKNOWN,
        "aws:userid": UNKNOWN,
        ...principalTags(principal.tags),
      };
    }
    case "service":
      return {
        "aws:principalisawsservice": present("true"),
        "aws:principalservicename": present(principal.name),
        "aws:principalservicenameslist": UNKNOWN,
        "aws:principalorgid": ABSENT,
        "aws:principalorgpaths": ABSENT,
        "aws:username": ABSENT,
        "aws:principaltag/": ABSENT,
      };
    case "federated":
      return { "aws:federatedprovider": present(principal.name), "aws:principaltag/": UNKNOWN };
    case "anonymous":
      return {
        "aws:principalarn": ABSENT,
        // Present "for all requests, including anonymous requests"; its value is not documented.
        "aws:principalaccount": UNKNOWN,
        "aws:principalisawsservice": ABSENT,
        "aws:principalorgid": ABSENT,
        "aws:principalorgpaths": ABSENT,
        "aws:principaltype": present("Anonymous"),
        "aws:username": ABSENT,
        "aws:userid": present("anonymous"),
        "aws:principaltag/": ABSENT,
      };
  }
}

/**
 * The tags of the role or user and of the role's session. Given only where the session is known to add none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principaltag
 */
function principalTags(tags: Tags | undefined): KeyTable {
  if (tags === undefined) return { "aws:principaltag/": UNKNOWN };
  return {
    "aws:principaltag/aws:": UNKNOWN,
    "aws:principaltag/": tags.otherKeys === "absent" ? ABSENT : UNKNOWN,
    ...Object.fromEntries([...tags.values].map(([key, value]) => [`aws:principaltag/${key}`, value])),
  };
}

/**
 * A request to Lambda for a function with these tags: its versions and aliases have the same tags, and every action on
 * a function supports the key.
 * https://docs.aws.amazon.com/lambda/latest/dg/attribute-based-access-control.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html#awslambda-resources-for-iam-policies
 */
export function withFunctionTags(context: Context, fn: { readonly tags?: Tags } | undefined): Context {
  return fn?.tags === undefined ? context : Object.assign({}, context, { resourceTags: fn.tags });
}

/** The part of a user's or role's ARN after the last slash; `undefined` when a hole may contain that slash. */
export function nameOf(arn: Text): Text | undefined {
  const resource = splitArn(arn)?.resource;
  if (resource === undefined) return undefined;
  const name: Piece[] = [];
  for (let index = resource.length - 1; index >= 0; index--) {
    const piece = resource[index] as Piece;
    if (isHole(piece)) {
      if (piece.shape === "any" || piece.shape === "tail") return undefined;
      name.unshift(piece);
      continue;
    }
    const slash = piece.lastIndexOf("/");
    if (slash >= 0) return text(piece.slice(slash + 1), name);
    name.unshift(piece);
  }
  return undefined;
}

/**
 * API Gateway itself invokes the function for a route or an authorizer.
 *
 * - `aws:SourceArn` is the ARN of the route or authorizer
 *   (https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html).
 * - `aws:SourceAccount` is assumed to be the account of the API. IAM documents the key as set when a service calls for a
 *   resource, Lambda's AddPermission offers it for every service, and reports disagree on whether API Gateway sets it.
 *   A statement that names the API's own account is therefore not reported as a mismatch; one that names another
 *   account matches in neither case.
 * - A service belongs to no organization: `aws:PrincipalOrgID` is for principals that belong to accounts.
 */
export function apiGatewayServiceContext(call: {
  readonly service?: string;
  readonly sourceArn: Text;
  readonly sourceAccount: Text;
}): Context {
  return contextOf(
    OVER_TLS,
    NO_FUNCTION_URL,
    NO_FUNCTION_CODE,
    principalKeys({ kind: "service", name: call.service ?? API_GATEWAY }),
    {
      "aws:sourcearn": present(call.sourceArn),
      "aws:sourceaccount": present(call.sourceAccount),
    },
  );
}

/** API Gateway assumed the role of an integration or authorizer and invokes the function as that role. */
export function integrationRoleContext(call: { readonly role: Principal }): Context {
  return contextOf(OVER_TLS, NO_FUNCTION_URL, NO_FUNCTION_CODE, NOT_A_SERVICE, principalKeys(call.role));
}

/**
 * API Gateway invokes the function with the caller's credentials. The network keys are unknown, since the request comes
 * from API Gateway's network.
 */
export function callerCredentialsContext(call: { readonly caller: Principal }): Context {
  return contextOf(OVER_TLS, NO_FUNCTION_URL, NOT_A_SERVICE, principalKeys(call.caller));
}

/** A principal calls Lambda's Invoke directly. */
export function directCallContext(call: { readonly caller: Principal }): Context {
  return contextOf(OVER_TLS, NO_FUNCTION_URL, NOT_A_SERVICE, principalKeys(call.caller), {
    "aws:viaawsservice": present("false"),
  });
}

/**
 * A request to a route, signed when there is a caller. `aws:SourceVpc` and `aws:SourceVpce` are present for private
 * APIs only, with the ids of a VPC and of an endpoint in it. `aws:SourceArn` is among the keys of API resource
 * policies, but its value for a request from outside AWS is not documented. When a service makes the request itself, it
 * is the resource on whose behalf the service calls.
 */
export function executeApiContext(call: {
  readonly caller?: Principal;
  readonly privateApi: Trilean;
  readonly sourceArn?: Text;
  /** The VPC endpoint of the request, and its VPC where that is known. */
  readonly vpcEndpoint?: { readonly id: Text; readonly vpc?: Text };
}): Context {
  const unknownId = (prefix: string): ContextValue =>
    call.privateApi === "no" ? ABSENT : { state: "unknown", values: [[prefix, ENDPOINT_ID]] };
  return contextOf(OVER_TLS, NOT_A_SERVICE, principalKeys(call.caller ?? { kind: "anonymous" }), {
    "aws:sourcearn": call.sourceArn ? present(call.sourceArn) : UNKNOWN,
    "aws:sourceaccount": UNKNOWN,
    "aws:sourcevpc": call.vpcEndpoint?.vpc === undefined ? unknownId("vpc-") : present(call.vpcEndpoint.vpc),
    "aws:sourcevpce": call.vpcEndpoint === undefined ? unknownId("vpce-") : present(call.vpcEndpoint.id),
  });
}

/**
 * The service of an API, `apigateway.amazonaws.com` unless given, assumes a role. For API Gateway, `aws:SourceAccount`
 * is treated as absent: integrations are reported not to set it
 * (`aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws`, pull request 479).
 * `aws:SourceArn` is unknown unless given.
 */
export function assumeRoleContext(call: { readonly sourceArn?: Text; readonly service?: string }): Context {
  const { sourceArn, service = API_GATEWAY } = call;
  return contextOf(OVER_TLS, NO_FUNCTION_CODE, principalKeys({ kind: "service", name: service }), {
    "aws:sourcearn": sourceArn ? present(sourceArn) : UNKNOWN,
    "aws:sourceaccount": service === API_GATEWAY ? ABSENT : UNKNOWN,
    // A service sends an external ID only where its configuration has one; API Gateway's has none.
    "sts:externalid": ABSENT,
  });
}

/**
 * A service assumes a role on behalf of a resource of the account. Whether the request identifies the resource differs
 * from service to service; API Gateway is reported not to send the account (see {@link assumeRoleContext}).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention
 */
export function serviceTrustContext(call: {
  readonly service: string;
  readonly setsSourceAccount: boolean;
}): Context {
  const service = principalKeys({ kind: "service", name: call.service });
  return contextOf(OVER_TLS, NO_FUNCTION_CODE, service, {
    "aws:sourcearn": UNKNOWN,
    "aws:sourceaccount": call.setsSourceAccount ? UNKNOWN : ABSENT,
    "sts:externalid": ABSENT,
  });
}

/**
 * Cognito assumes a role for an identity of an identity pool: the audience is the pool's ID, and `amr` contains whether the identity is authenticated, and its login providers.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
 */
export function identityPoolContext(call: {
  readonly provider: string;
  readonly pool: Text;
  readonly authenticated: boolean;
}): Context {
  const { provider, pool, authenticated } = call;
  const login: Text = [
    { id: "login provider", shape: "tail", label: { code: "login-provider" }, origins: [] },
  ];
  const context = contextOf(OVER_TLS, principalKeys({ kind: "federated", name: provider }), {
    [`${provider}:aud`]: present(pool),
    [`${provider}:amr`]: authenticated ? present("authenticated", login) : present("unauthenticated"),
    [`${provider}:sub`]: UNKNOWN,
    // These three always have the value `authenticated`:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
    [`${provider}:`]: ABSENT,
  });
  return { ...context, families: ["aws:", "sts:", `${provider}:`] };
}

/**
 * A pod of EKS assumes a role with the token of its service account (IRSA).
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html
 *
 * @param call.issuer the provider of the cluster, without `https://`
 */
export function serviceAccountContext(call: {
  readonly provider: string;
  readonly issuer: string;
  readonly subject: Text;
}): Context {
  const { provider, issuer, subject } = call;
  const context = contextOf(OVER_TLS, principalKeys({ kind: "federated", name: provider }), {
    // The SDKs request this audience; a token that is mounted explicitly may have another.
    [`${issuer}:aud`]: UNKNOWN,
    [`${issuer}:sub`]: present(subject),
    [`${issuer}:`]: UNKNOWN,
  });
  return { ...context, families: ["aws:", "sts:", `${issuer}:`] };
}

/**
 * A request to a function URL (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html): both actions are checked,
 * `lambda:InvokeFunctionUrl` with the URL's auth type, and `lambda:InvokeFunction` with the key that marks calls by a
 * function URL.
 */
export function functionUrlContext(call: {
  readonly caller?: Principal;
  readonly action: string;
  readonly authType: "AWS_IAM" | "NONE";
  /**
   * The resource on whose behalf a service calls, or the caller's organization, by the name of the condition key in
   * lower case.
   */
  readonly known?: Readonly<Record<string, ContextValue>>;
}): Context {
  const byUrl = call.action.toLowerCase() === "lambda:invokefunctionurl";
  return contextOf(OVER_TLS, NOT_A_SERVICE, principalKeys(call.caller ?? { kind: "anonymous" }), {
    "lambda:functionurlauthtype": byUrl ? present(call.authType) : UNKNOWN,
    "lambda:invokedviafunctionurl": byUrl ? UNKNOWN : present("true"),
    "lambda:eventsourcetoken": ABSENT,
    "lambda:functionarn": byUrl ? UNKNOWN : ABSENT,
    "aws:viaawsservice": present("false"),
    ...call.known,
  });
}
