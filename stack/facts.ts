import type { ApiService } from "../aws";
import type {
  ControlPolicies,
  Origin,
  PolicyDocument,
  PolicySource,
  Tags,
  Text,
  Trilean,
  Unknown,
  UnknownSubject,
} from "../iam";
import type { UrlOrigin } from "./callers/distributions";
import type { FunctionTarget, LambdaFunction } from "./functions/functions";
import type { Scope } from "./pulumi/scope";

/**
 * The facts about access in a stack, in AWS's terms and free of Pulumi: the only input of the decisions. Every form in
 * which an API can be defined is converted to these.
 */

/** The kinds of API Gateway. A further form of API adds a kind. */
export type ApiKind = "REST" | "HTTP" | "WEBSOCKET" | (string & Record<never, never>);

/** An API, of the stack or named by it. Routes and authorizers refer to it by identity. */
export interface Api {
  readonly urn: string;
  readonly name: string;
  readonly kind: ApiKind;
  /** The service that serves it, where that is not API Gateway. */
  readonly service?: ApiService;
  readonly id: Text;
  readonly scope: Scope;
  /** The prefix of the ARN of each request: `arn:P:execute-api:REGION:ACCOUNT:ID` */
  readonly executionArn: Text;
  /** Resource policies of a REST API. */
  readonly policies: readonly ResourcePolicy[];
  /** Whether it is reachable through VPC endpoints only. */
  readonly private: Trilean;
  /**
   * The VPC endpoints that a private API is associated with, or else the stack's endpoints for API Gateway: requests
   * come through one of them, as far as the stack shows. Empty where an association is unknown.
   */
  readonly vpcEndpoints: readonly VpcEndpoint[];
  /** It exists before this update, so its callers may exist too. */
  readonly exists: boolean;
  /**
   * It belongs to another stack, and this stack only adds to it: its other parts, above all its resource policy, are
   * not in the plan. `urn` is then that of the first resource that refers to it.
   */
  readonly external?: true;
  /** For an API of another stack: account data has its resource policy, or shows that it has none. */
  readonly isPolicyKnown?: true;
}

/** A VPC endpoint through which a private API is called. */
export interface VpcEndpoint {
  readonly id: Text;
  /** The id of its VPC; `undefined` where the endpoint is not in the stack. */
  readonly vpc?: Text;
  /** The URN of its resource, where it is in the stack. */
  readonly label?: string;
}

/** A resource policy of an API, from an argument, from a RestApiPolicy or from its body. */
export interface ResourcePolicy extends PolicySource {
  readonly document: PolicyDocument | Unknown;
  /** The API may have no policy: the text is encrypted and may be empty, or only an old state contains it. */
  readonly mayNotExist?: true;
  /** The program sets it to an unknown value without known dependencies. */
  readonly isUnknown?: true;
  /**
   * The principals of the stack that a new unknown document grants access to: it depends on them and otherwise only on
   * its API.
   */
  readonly grantees?: readonly Origin[];
}

/** A stage of an API, or one that a deployment creates. */
export interface Stage {
  readonly urn: string;
  readonly name: Text;
  /** Stage variables; for those that a canary overrides, two values, the stage's own first. */
  readonly variables: ReadonlyMap<string, readonly (string | Unknown)[]> | Unknown;
}

/** The authorization of a route: IAM, none, a Lambda authorizer, or one that involves no function (Cognito, JWT). */
export type Authorization = "AWS_IAM" | "NONE" | "LAMBDA" | "OTHER";

/** The principal that API Gateway invokes the function as. */
export type Credentials =
  | { readonly mode: "none" }
  | { readonly mode: "caller" }
  | {
      readonly mode: "role";
      readonly arn: Text | Unknown;
      readonly roleUrn?: string;
      readonly origins: readonly Origin[];
    }
  | { readonly mode: "unknown"; readonly origins: readonly Origin[] };

/** An integration of a route with a Lambda function, or one that may be. */
export interface LambdaIntegration {
  /** The resource that findings about it are attached to. */
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly credentials: Credentials;
  /** Text with `${stageVariables.…}` in it, to be resolved for each stage. */
  readonly uriTemplate?: string;
  /** The plan does not show its target, which may not be a function. */
  readonly mayNotBeFunction?: true;
}

/**
 * A route: for a REST API a method on a path, for other APIs a route key. One with stage variables in its integration
 * is a route for each function that they name.
 */
export interface Route {
  readonly api: Api;
  /**
   * An HTTP method, `ANY`, or a route key without a method and path (`$default`, `$connect`). Empty when the plan does
   * not show it: a hole at the beginning of the path then replaces it.
   */
  readonly verb: string;
  /** With its braces: `/orders/{id}`; empty for route keys. */
  readonly path: Text;
  /** The part after the API's ARN in the ARN of a request, where that is not stage, method and path. */
  readonly request?: Text;
  readonly authorization: Authorization | Unknown;
  /** The id of the Lambda authorizer of the route, when the plan shows which of the API's authorizers it is. */
  readonly authorizer?: Text;
  /** `undefined`: it has no Lambda authorizer. */
  readonly integration?: LambdaIntegration;
  readonly stages: readonly Stage[];
  /** The resources (URNs) that define it: its method, route, integration, or the API whose body contains it. */
  readonly definedBy: readonly string[];
  /** The authorizer (URN) of the route, where that is a resource. */
  readonly authorizerUrn?: string;
  /** Its definition in a body: `GET /orders`, `authorizer guard`. */
  readonly operation?: readonly string[];
  /** For an `ANY` route: the methods that the other routes of its path handle. */
  readonly claimedMethods?: ClaimedMethods;
  /**
   * Set when this represents all routes of a body that the plan does not show; the roles (URNs) that the body depends
   * on may be credentials in it.
   */
  readonly unknownBody?: { readonly roles: readonly string[] };
  /** Another stack defines it, and account data contains it: only callers of this stack are evaluated. */
  readonly fromAccountData?: true;
}

/** The methods of a path that its `ANY` route does not handle. */
export interface ClaimedMethods {
  readonly certain: ReadonlySet<string>;
  /** Methods of routes whose path may be this one. */
  readonly possible: ReadonlySet<string>;
  /** The number of routes that may be of this path and whose method is unknown: each handles one. */
  readonly unknownCount: number;
  /** There may be further, unknown routes. */
  readonly mayHaveMore: boolean;
}

/** A Lambda authorizer and the function that it invokes. */
export interface Authorizer {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  readonly id: Text;
  readonly target: FunctionTarget;
  readonly credentials: Credentials;
}

/** A statement that an `aws.lambda.Permission` adds to a function's resource policy. */
export interface Permission {
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly source: PolicySource;
  /**
   * The further routes that its source ARN may match, where the ARN is unknown and depends on a part of an API: every
   * route of the API.
   */
  readonly mayCover?: PolicySource;
  /** It is for an AWS service, so it never allows a role or user. */
  readonly isForService: boolean;
  /** Its source ARN, for messages: `undefined` when there is none. */
  readonly sourceArn: string | Unknown | undefined;
  /**
   * The dependencies of an unknown source ARN: the same dependencies mean the same ARN. Empty when the dependencies are
   * unknown.
   */
  readonly sourceArnOrigins: readonly Origin[];
  readonly inferredFrom: readonly Origin[];
  readonly request: PermissionRequest;
}

type Setting = string | Unknown | undefined;

/** The arguments of a permission's `AddPermission` request, as far as they are known. */
export interface PermissionRequest {
  readonly statementId: Setting;
  readonly action: Setting;
  readonly principal: Setting;
  /** The function as the permission names it. */
  readonly functionName: Setting;
  readonly functionUrlAuthType: Setting;
  /** The partition of the permission. */
  readonly partition: string | undefined;
  /**
   * The minimum number of bytes of its statement in the function's resource policy: unknown values are counted as
   * empty.
   */
  readonly size: number;
}

/** A resource policy of a function that is defined as one document. */
export interface FunctionPolicy {
  readonly urn: string;
  readonly target: FunctionTarget;
  readonly source: PolicySource;
  /** Its function is unknown, so it is assumed to allow no principal. */
  readonly isFunctionUnknown: boolean;
  /** It is the complete policy of this function, version or alias in AWS, which is not in the stack. */
  readonly isComplete?: true;
}

/** The URL of a function, or of one of its aliases. */
export interface FunctionUrl {
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly authorization: string | Unknown;
  /** The actions that its resource allows everyone, where it has no authorization. */
  readonly actionsForEveryone: readonly string[];
}

/** A policy document of a principal. */
export interface PrincipalSource extends PolicySource {
  /** Set when the document is unknown and its statements were inferred from these. */
  readonly inferredFrom?: readonly Origin[];
  /** Set when the document, or a part of it, is unknown. */
  readonly unknownDocument?: UnknownDocument;
}

/** The possible subjects of an unknown document: the APIs (URNs) that it, or a part of one, depends on. */
export interface UnknownDocument {
  readonly apis: readonly string[];
  /** Functions (URNs), directly or through their versions and aliases. */
  readonly functions: readonly string[];
  /** It depends on no resource, so its subject is unknown. */
  readonly hasNoDependencies: boolean;
  /** Its statements may be inferred from its dependencies, or from the purpose of its principal. */
  readonly mayInfer: boolean;
  /** The document or its principal exists, so any earlier statement of the document may still be in effect. */
  readonly exists: boolean;
}

/** A role, user or group with the policies that apply to it. A group is evaluated as a future member of it. */
export interface PrincipalFacts {
  readonly urn: string;
  readonly kind: "role" | "user" | "group";
  readonly name: string;
  readonly label: string;
  readonly arn: Text;
  readonly account: Text;
  readonly sources: readonly PrincipalSource[];
  /** Why it may have policies that the plan does not show. */
  readonly unseen: readonly UnknownSubject[];
  readonly boundary?: PrincipalSource;
  /**
   * Service control policies that limit it, and resource control policies that limit the principals that may assume it.
   */
  readonly serviceControl?: ControlPolicies;
  readonly resourceControl?: ControlPolicies;
  /** The tags of its requests; absent where they are unknown. */
  readonly tags?: Tags;
  /** The trust policy of a role. */
  readonly trust?: PolicySource | Unknown;
  /** It is not a principal of the stack, and no resource of the stack gives it a policy. */
  readonly external?: true;
  /** The date of the account data that contains it. */
  readonly asOf?: string;
}

/** A role that a Cognito identity pool assigns to identities, where both are known. */
export interface PoolRole {
  readonly urn: string;
  readonly label: string;
  /** The pool's id. */
  readonly pool: Text;
  readonly authenticated: boolean;
  readonly role: Extract<Credentials, { readonly mode: "role" }>;
}

/**
 * A service that calls without a role: EventBridge for a target without one, Step Functions for a task with
 * `RESOURCE_POLICY`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-api-gateway-permissions
 */
export interface CallingService {
  readonly mode: "service";
  readonly name: string;
  /** The resource on whose behalf it calls: the ARN of the rule or of the state machine. */
  readonly sourceArn: Text;
  /** The resources (URNs) with that ARN, or possibly with it. */
  readonly sourceUrns: readonly string[];
}

/** A resource of the stack that calls an API, such as an EventBridge target. */
export interface ApiCall {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** The execute-api ARN of the request, as far as it is known: holes replace unknown parts. */
  readonly arn: Text;
  /** The principal whose credentials it calls with. */
  readonly caller: Extract<Credentials, { readonly mode: "role" }> | CallingService;
  /** The service that calls the API, and that assumes the role where it uses one. */
  readonly service: string;
  /** Set when the ARN was inferred from its dependencies: the request is one of those that the ARN matches. */
  readonly inferredFrom: readonly Origin[];
}

/** A resource of the stack for which a service assumes a role, such as a task definition. */
export interface RoleUse {
  readonly urn: string;
  readonly label: string;
  /** The service principal that assumes it. */
  readonly service: string;
  /** All of its requests to STS. */
  readonly actions: readonly string[];
  /**
   * For a service account of Kubernetes, which gets an identity from its cluster's OIDC provider:
   * `system:serviceaccount:…`.
   */
  readonly subject?: Text;
  readonly role: Extract<Credentials, { readonly mode: "role" }>;
}

/** A method or an integration of a REST API. */
export interface RouteResource {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** It exists before this update. */
  readonly exists: boolean;
  /** The properties of an existing one that this update changes. */
  readonly changes: readonly string[];
}

/** A deployment of a REST API. */
export interface Deployment {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** It exists before this update, and is not changed. */
  readonly exists: boolean;
  /** The resources (URNs) that it depends on. */
  readonly dependsOn: ReadonlySet<string>;
  /** It depends on resources whose own dependencies are unknown. */
  readonly mayHaveMoreDependencies: boolean;
}

/** An API that has its default endpoint disabled, `https://ID.execute-api.REGION.amazonaws.com`. */
export interface DisabledEndpoint {
  readonly urn: string;
  readonly api: Api;
  /** A custom domain of the stack maps to it, or one may. */
  readonly hasDomain: boolean;
  /** The resources of the stack that call its default endpoint. */
  readonly usedBy: readonly EndpointUser[];
}

/** A resource that calls the default endpoint of an API. */
export interface EndpointUser {
  readonly label: string;
  /** Set when the API was inferred from the dependencies of the address. */
  readonly inferredFrom: readonly Origin[];
}

/** An integration with a service other than Lambda, where its action is known. */
export interface ServiceIntegration {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** `states:StartExecution` */
  readonly action: string;
  /** The resource of the action: holes replace the parts that each request chooses. */
  readonly resource: Text;
  /** The only resource of the stack that the integration names, or depends on, and that the action applies to. */
  readonly target?: ServiceTarget;
  /** The target of the action may have a resource policy. */
  readonly mayHavePolicy: boolean;
  readonly credentials: Extract<Credentials, { readonly mode: "role" }>;
}

/** A target that an integration calls, such as a queue. */
export interface ServiceTarget {
  readonly urn: string;
  /** The property that contains its ARN. */
  readonly property: string;
  readonly arn: Text;
}

/** A resource policy of a target that integrations call. */
export interface ServicePolicy {
  /** `sqs` */
  readonly service: string;
  /** The resource (URN) that it is on; absent where that is unknown. */
  readonly target?: string;
  readonly source: PolicySource;
}

/** All that the gates and checks need to know about a stack. Unknown parts are {@link Unknown} or holes in texts. */
export interface StackFacts {
  readonly apis: readonly Api[];
  readonly routes: readonly Route[];
  readonly authorizers: readonly Authorizer[];
  readonly functions: readonly LambdaFunction[];
  readonly permissions: readonly Permission[];
  readonly functionPolicies: readonly FunctionPolicy[];
  readonly functionUrls: readonly FunctionUrl[];
  readonly urlOrigins: readonly UrlOrigin[];
  readonly principals: readonly PrincipalFacts[];
  /** The managed policies (URNs) that are permissions boundaries of principals and attached to no principal. */
  readonly boundaryOnlyPolicies: ReadonlySet<string>;
  readonly apiCalls: readonly ApiCall[];
  readonly poolRoles: readonly PoolRole[];
  readonly roleUses: readonly RoleUse[];
  readonly serviceIntegrations: readonly ServiceIntegration[];
  readonly servicePolicies: readonly ServicePolicy[];
  /**
   * The roles (URNs) that may have an AWS managed policy, whose statements are known only for routes and functions.
   */
  readonly rolesWithAwsPolicies: ReadonlySet<string>;
  readonly deployments: readonly Deployment[];
  readonly routeResources: readonly RouteResource[];
  readonly disabledEndpoints: readonly DisabledEndpoint[];
  /** The control policies for a caller that is not one of the principals; absent where none are known. */
  readonly controlPoliciesOf?: (principal: PrincipalFacts) => ControlPoliciesOfPrincipal;
}

/** The control policies of the organization that limit a principal; absent without account data. */
export type ControlPoliciesOfPrincipal = Pick<PrincipalFacts, "serviceControl" | "resourceControl">;
