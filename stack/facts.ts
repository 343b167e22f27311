import type { ApiService } from "../aws";
import type {
  ControlPolicies,
  Origin,
  PolicyDocument,
  Source,
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
 * What a stack says about access, in AWS's terms and free of Pulumi: the only thing the decisions are made
 * from. Every form in which an API can be written ends here.
 */

/** Of API Gateway. A further form of API has a kind of its own. */
export type ApiKind = "REST" | "HTTP" | "WEBSOCKET" | (string & Record<never, never>);

export interface Api {
  readonly urn: string;
  readonly name: string;
  readonly kind: ApiKind;
  /** What serves it, where that is not API Gateway. */
  readonly service?: ApiService;
  readonly id: Text;
  readonly scope: Scope;
  /** What the ARN of each request begins with: `arn:P:execute-api:REGION:ACCOUNT:ID` */
  readonly executionArn: Text;
  /** Resource policies of a REST API. */
  readonly policies: readonly ResourcePolicy[];
  /** Whether it is reachable through VPC endpoints only. */
  readonly private: Trilean;
  /**
   * The VPC endpoints that a private API is associated with, or else those of the stack for API Gateway: requests come
   * through one of them, as far as the stack shows. None where an association is unknown.
   */
  readonly vpcEndpoints: readonly VpcEndpoint[];
  /** It exists before this update, so callers of it may exist too. */
  readonly exists: boolean;
  /**
   * It belongs to another stack, and this one only adds to it: what else it has, its resource policy above all,
   * is not in the plan. `urn` is then that of the first resource that names it.
   */
  readonly external?: true;
  /** Of an API of another stack: account data have its resource policy, or that it has none. */
  readonly isPolicyKnown?: true;
}

export interface VpcEndpoint {
  readonly id: Text;
  /** The id of its VPC; `undefined` where the endpoint is not of the stack. */
  readonly vpc?: Text;
  /** Of its resource, where it is of the stack. */
  readonly label?: string;
}

export interface ResourcePolicy extends Source {
  readonly document: PolicyDocument | Unknown;
  /** The API may have none: its text is encrypted and may be empty, or only an old state holds it. */
  readonly mayBeNone?: true;
  /** The program gives it, and nothing of it is shown, not even what it depends on. */
  readonly hidden?: true;
  /**
   * The principals of the stack that a new document which is not shown is for: it depends on them, and on nothing else
   * but its API.
   */
  readonly forPrincipals?: readonly Origin[];
}

export interface Stage {
  readonly urn: string;
  readonly name: Text;
  /** Stage variables; those that a canary overrides with two values, the stage's own first. */
  readonly variables: ReadonlyMap<string, readonly (string | Unknown)[]> | Unknown;
}

export type Authorization = "AWS_IAM" | "NONE" | "LAMBDA" | "OTHER";

/** Whose permission counts when API Gateway calls the function. */
export type Credentials =
  | { readonly mode: "none" }
  | { readonly mode: "caller" }
  | {
      readonly mode: "role";
      readonly arn: Text | Unknown;
      readonly roleUrn?: string;
      readonly from: readonly Origin[];
    }
  | { readonly mode: "unknown"; readonly from: readonly Origin[] };

/** An integration of a route with a Lambda function, or one that may be. */
export interface LambdaIntegration {
  /** The resource that a violation about it is attached to. */
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly credentials: Credentials;
  /** Text with `${stageVariables.…}` in it, to be completed for each stage. */
  readonly template?: string;
  /** The plan does not show what it calls: it may be no function at all. */
  readonly mayBeOther?: true;
}

export interface Route {
  readonly api: Api;
  /**
   * An HTTP verb, `ANY`, or a route key that is not a verb and a path (`$default`, `$connect`). Empty when the
   * plan does not show it: a hole at the head of the path then stands for it.
   */
  readonly verb: string;
  /** With its braces: `/orders/{id}`; empty for route keys. */
  readonly path: Text;
  /** What follows the API's ARN in that of a request, where that is not stage, verb and path. */
  readonly request?: Text;
  readonly authorization: Authorization | Unknown;
  /** The id of the Lambda authorizer that decides, when the plan shows which of the API's it is. */
  readonly authorizer?: Text;
  /** `undefined`: it has none that calls Lambda. */
  readonly integration?: LambdaIntegration;
  readonly stages: readonly Stage[];
  /** The resources (URNs) that make it: its method, route, integration, or the API whose body has it. */
  readonly madeBy: readonly string[];
  /** The authorizer (URN) that decides, where that is a resource. */
  readonly decidedBy?: string;
  /** What makes it in a body: `GET /orders`, `authorizer guard`. */
  readonly operation?: readonly string[];
  /** Of an `ANY` route: what the other routes of its path take. */
  readonly others?: OtherVerbs;
  /**
   * Set when this stands for all routes of a body that the plan does not show; the roles (URNs) that the body
   * depends on may be credentials in it.
   */
  readonly unread?: { readonly roles: readonly string[] };
  /** Another stack made it, and account data have it: nobody but the callers in this stack is asked about. */
  readonly outside?: true;
}

/** The verbs of a path that do not come to its `ANY` route. */
export interface OtherVerbs {
  readonly taken: ReadonlySet<string>;
  /** Verbs of routes whose path may be this one. */
  readonly perhaps: ReadonlySet<string>;
  /** Of how many routes of this path, for all that is shown, the verb is not: each takes one. */
  readonly hidden: number;
  /** There may be further routes of which nothing is shown. */
  readonly open: boolean;
}

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
  readonly source: Source;
  /**
   * What its source ARN may cover beyond that, where the plan does not show it and it depends on a part of an API:
   * every route of the API.
   */
  readonly mayCover?: Source;
  /** It is for an AWS service, so it never lets a role or user in. */
  readonly forService: boolean;
  /** What its source ARN says, for messages: `undefined` when there is none. */
  readonly sourceArn: string | Unknown | undefined;
  /** What a source ARN that is not shown depends on: the same, the same ARN. Empty when nothing is to be concluded. */
  readonly sourceFrom: readonly Origin[];
  readonly inferredFrom: readonly Origin[];
  readonly request: PermissionRequest;
}

type Setting = string | Unknown | undefined;

/** What a permission asks of `AddPermission`, as far as it is shown. */
export interface PermissionRequest {
  readonly statementId: Setting;
  readonly action: Setting;
  readonly principal: Setting;
  /** The function as it is named. */
  readonly functionName: Setting;
  readonly functionUrlAuthType: Setting;
  /** The partition that it is made in. */
  readonly partition: string | undefined;
  /** How many bytes its statement has in the function's resource policy, at least: what is not shown has none. */
  readonly size: number;
}

/** A resource policy of a function written as one document. */
export interface FunctionPolicy {
  readonly urn: string;
  readonly target: FunctionTarget;
  readonly source: Source;
  /** Nothing says which function it is on, so nobody is taken to be allowed by it. */
  readonly unplaced: boolean;
  /** It is all that AWS has for this function, version or alias, which is not one of the stack's. */
  readonly whole?: true;
}

export interface FunctionUrl {
  readonly urn: string;
  readonly label: string;
  readonly target: FunctionTarget;
  readonly authorization: string | Unknown;
  /** The actions that whatever makes it allows everyone, where it has no authorization. */
  readonly allowsEverybody: readonly string[];
}

/** A policy document of a principal. */
export interface PrincipalSource extends Source {
  /** Set when the document is not shown and its statements were concluded from these. */
  readonly inferredFrom?: readonly Origin[];
  /** Set when the document, or a part of it, is not shown. */
  readonly hidden?: Hidden;
}

/** What a document that is not shown may be about: the APIs (URNs) that it, or a part of one, depends on. */
export interface Hidden {
  readonly apis: readonly string[];
  /** Functions (URNs), by themselves or by their versions and aliases. */
  readonly functions: readonly string[];
  /** It depends on nothing that the plan names, so it may be about anything. */
  readonly fromNothing: boolean;
  /** Something may be concluded from what it depends on, or from what its holder is for. */
  readonly mayInfer: boolean;
  /** The document or its holder exists, so whatever the document held before this update it may still hold. */
  readonly exists: boolean;
}

export interface PrincipalFacts {
  readonly urn: string;
  readonly kind: "role" | "user" | "group";
  readonly name: string;
  readonly label: string;
  readonly arn: Text;
  readonly account: Text;
  readonly sources: readonly PrincipalSource[];
  /** Why it may hold policies that the plan does not show. */
  readonly unseen: readonly UnknownSubject[];
  readonly boundary?: PrincipalSource;
  /** Service control policies that limit it, and resource control policies that limit who may assume it. */
  readonly serviceControl?: ControlPolicies;
  readonly resourceControl?: ControlPolicies;
  /** Those that its requests carry; absent where they are not known. */
  readonly tags?: Tags;
  /** The trust policy of a role. */
  readonly trust?: Source | Unknown;
  /** It is not a principal of the stack, and no resource of the stack gives it anything. */
  readonly external?: true;
  /** The day of the account data from which it is known. */
  readonly asOf?: string;
}

/** A role that a Cognito identity pool gives to identities, as far as both are known. */
export interface PoolRole {
  readonly urn: string;
  readonly label: string;
  /** The pool's id. */
  readonly pool: Text;
  readonly authenticated: boolean;
  readonly role: Extract<Credentials, { readonly mode: "role" }>;
}

/**
 * A service that calls as itself rather than with a role: EventBridge for a target without one, Step Functions for a
 * task with `RESOURCE_POLICY`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-api-gateway-permissions
 */
export interface CallingService {
  readonly mode: "service";
  readonly name: string;
  /** What it says that it calls for: the ARN of the rule or of the state machine. */
  readonly sourceArn: Text;
  /** The resources (URNs) whose ARN that is, or may be. */
  readonly source: readonly string[];
}

/** A resource of the stack that calls an API: an EventBridge target, say. */
export interface ApiCall {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** The execute-api ARN of the request, as far as it is known: holes stand for what it may be. */
  readonly arn: Text;
  /** Whose credentials it calls with. */
  readonly by: Extract<Credentials, { readonly mode: "role" }> | CallingService;
  /** The service that makes the call, and that assumes the role where it calls with one. */
  readonly service: string;
  /** Set when the ARN was concluded from what it depends on: the request is one of those that it covers. */
  readonly inferredFrom: readonly Origin[];
}

/** A resource of the stack for which a service assumes a role: a task definition, say. */
export interface RoleUse {
  readonly urn: string;
  readonly label: string;
  /** The service principal that assumes it. */
  readonly service: string;
  /** Everything that it asks of STS. */
  readonly actions: readonly string[];
  /** Of a service account of Kubernetes, to which the provider of its cluster lends an identity: `system:serviceaccount:…`. */
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
  /** It exists before this update, and stays what it is. */
  readonly exists: boolean;
  /** The resources (URNs) that it waits for. */
  readonly after: ReadonlySet<string>;
  /** It waits for resources of which it is not shown what they wait for. */
  readonly mayWaitForMore: boolean;
}

/** An API that answers no request to its default endpoint, `https://ID.execute-api.REGION.amazonaws.com`. */
export interface DisabledEndpoint {
  readonly urn: string;
  readonly api: Api;
  /** A custom domain of the stack leads to it, or one may. */
  readonly hasDomain: boolean;
  /** The resources of the stack that call its default endpoint. */
  readonly usedBy: readonly EndpointUser[];
}

export interface EndpointUser {
  readonly label: string;
  /** Set when that was concluded from what its address depends on. */
  readonly inferredFrom: readonly Origin[];
}

/** An integration with a service other than Lambda, where the action that it calls is known. */
export interface ServiceIntegration {
  readonly urn: string;
  readonly label: string;
  readonly api: Api;
  /** `states:StartExecution` */
  readonly action: string;
  /** What it is asked for on: holes stand for what each request names. */
  readonly resource: Text;
  /** The one resource of the stack that the integration names, or depends on, and that the action is for. */
  readonly calls?: CalledResource;
  /** What the action is for may have a policy of its own. */
  readonly mayHavePolicy: boolean;
  readonly credentials: Extract<Credentials, { readonly mode: "role" }>;
}

/** What an integration calls: a queue, say. */
export interface CalledResource {
  readonly urn: string;
  /** The property that has its ARN. */
  readonly property: string;
  readonly arn: Text;
}

/** A resource policy of what integrations call. */
export interface ServicePolicy {
  /** `sqs` */
  readonly service: string;
  /** The resource (URN) that it is on; absent where that is unknown. */
  readonly on?: string;
  readonly source: Source;
}

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
  /** The managed policies (URNs) that are permissions boundaries of principals and attached to none. */
  readonly onlyBoundaries: ReadonlySet<string>;
  readonly apiCalls: readonly ApiCall[];
  readonly poolRoles: readonly PoolRole[];
  readonly roleUses: readonly RoleUse[];
  readonly serviceIntegrations: readonly ServiceIntegration[];
  readonly servicePolicies: readonly ServicePolicy[];
  /** The roles (URNs) that may hold a policy of AWS's, of which only what it says of routes and functions is known. */
  readonly withAwsPolicies: ReadonlySet<string>;
  readonly deployments: readonly Deployment[];
  readonly routeResources: readonly RouteResource[];
  readonly disabledEndpoints: readonly DisabledEndpoint[];
  /** The control policies for someone who is none of the principals; absent where none are known. */
  readonly controlOf?: (principal: PrincipalFacts) => ControlOfPrincipal;
}

export type ControlOfPrincipal = Pick<PrincipalFacts, "serviceControl" | "resourceControl">;
