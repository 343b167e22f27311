/** A form of API that the pack does not have, in one file as for every form: a part of AppSync. */
import { deepEqual, ok } from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Access, type Denied, isDenied, ruleOf, type SameReason, type Verdict } from "../../access";
import { callersOfRoutes } from "../../access/gates/caller-function/callers";
import { deniedCallers } from "../../access/gates/caller-route/denied-callers";
import { integrationRoles } from "../../access/gates/role-function/integration-roles";
import { functionPermissions } from "../../access/gates/route-function/permissions";
import type { ApiService } from "../../aws";
import { text } from "../../iam";
import { violation } from "../../messages";
import { describeTwoStep } from "../../messages/verdicts/caller-function";
import { describeCallerRoute } from "../../messages/verdicts/caller-route";
import { describeIntegrationRole } from "../../messages/verdicts/role-function";
import { describeRouteFunction } from "../../messages/verdicts/route-function";
import {
  API_FORMS,
  type Api,
  labelOf,
  type ReadApis,
  type ReadableResource,
  readStack,
  readString,
} from "../../stack";
import { credentialsOf } from "../../stack/apis/integrations";
import { read, stringOf } from "../../stack/pulumi/properties";
import { type ResourceIndex, resolveReference, resourcesByProperty } from "../../stack/pulumi/resource-index";
import { RESOURCE_TYPES, type ResourceKind, type ResourceType } from "../../stack/pulumi/resource-types";
import { scopeOf } from "../../stack/pulumi/scope";
import { plan } from "../../testing";
import { asSdkResources } from "../support/outcomes";

/** https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-iam-authorization */
const APPSYNC: ApiService = {
  name: "AWS AppSync",
  principal: "appsync.amazonaws.com",
  action: "appsync:GraphQL",
  arnProperty: "arn",
};

/** The entries of this form in the table of resource types. */
const TYPES: readonly (readonly [string, ResourceType])[] = [
  ["aws:appsync/graphQLApi:GraphQLApi", row("GraphqlApi", "id name arn authenticationType")],
  [
    "aws:appsync/dataSource:DataSource",
    row("GraphqlDataSource", "apiId name type serviceRoleArn lambdaConfig"),
  ],
  ["aws:appsync/resolver:Resolver", row("GraphqlResolver", "apiId type field dataSource")],
];

function row(kind: string, reads: string): ResourceType {
  return {
    kind: kind as ResourceKind,
    reads: reads.split(" "),
    renamed: {},
    fields: { lambdaConfig: ["functionArn"] },
  };
}

const ofKind = (resources: ResourceIndex, kind: string): readonly ReadableResource[] =>
  resources.ofKind(kind as ResourceKind);

const readGraphqlApis: ReadApis = (resources, functions) => {
  const apis = new Map(
    ofKind(resources, "GraphqlApi").map((planned) => [planned.urn, readApi(resources, planned)]),
  );
  const byId = resourcesByProperty(resources, "GraphqlApi" as ResourceKind, "id");
  const byName = resourcesByProperty(resources, "GraphqlDataSource" as ResourceKind, "name");
  const apiOf = (planned: ReadableResource): Api | undefined =>
    apis.get(planned.urn) ??
    resolveReference<Api>(resources, planned, "apiId", {
      byValue: (id) => apis.get(byId.get(id)?.urn ?? ""),
      byDependency: ({ urn }) => apis.get(urn),
    }).target;
  return {
    apis: [...apis.values()],
    authorizers: [],
    stagesOf: () => [],
    partOf(planned) {
      const api = apiOf(planned);
      return api === undefined ? undefined : { api };
    },
    routes: ofKind(resources, "GraphqlResolver").flatMap((planned) => {
      const api = apiOf(planned);
      const { target: source } = resolveReference(resources, planned, "dataSource", {
        byValue: (name) => byName.get(name),
        byDependency: (self) => self,
      });
      if (api === undefined || source === undefined) return [];
      const [type, field] = [readString(planned, "type"), readString(planned, "field")];
      const arn = stringOf(read(source, "lambdaConfig"), "functionArn");
      const target = functions.targetOf(source, "lambdaConfig", arn);
      const role = readString(source, "serviceRoleArn");
      return [
        {
          api,
          verb: `${type}.${field}`,
          path: [],
          // https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappsync.html
          request: text(`types/${type}/fields/${field}`),
          authorization: "AWS_IAM" as const,
          stages: [],
          definedBy: [planned.urn, source.urn],
          ...(target === undefined
            ? {}
            : {
                integration: {
                  urn: source.urn,
                  label: labelOf(source),
                  target,
                  credentials: credentialsOf(resources, role, source, "serviceRoleArn"),
                },
              }),
        },
      ];
    }),
  };
};

function readApi(resources: ResourceIndex, planned: ReadableResource): Api {
  const [id, arn, name] = [
    readString(planned, "id"),
    readString(planned, "arn"),
    readString(planned, "name"),
  ];
  const scope = scopeOf(resources, planned);
  const known = typeof id === "string" ? id : resources.unassigned(planned, "GraphQL API id");
  return {
    urn: planned.urn,
    name: typeof name === "string" ? name : planned.name,
    kind: "GRAPHQL",
    service: APPSYNC,
    id: text(known),
    scope,
    executionArn:
      typeof arn === "string"
        ? text(arn)
        : text("arn:", scope.partition, ":appsync:", scope.region, ":", scope.account, ":apis/", known),
    policies: [],
    private: "no",
    vpcEndpoints: [],
    exists: typeof id === "string",
  };
}

interface ProgramOptions {
  readonly trusted?: string;
  readonly mayInvoke?: boolean;
  readonly action?: string;
  readonly field?: string;
  readonly callerMayInvoke?: boolean;
  /** The data source has no role: the service itself invokes the function. */
  readonly permission?: "none" | "of another service" | "of the service";
}

/** A resolver, a data source with a function and a role, and a caller of `Query.getOrder`. */
function program({
  trusted,
  mayInvoke = true,
  action,
  field,
  callerMayInvoke = true,
  permission,
}: ProgramOptions): void {
  const allow = (Action: string, Resource: pulumi.Input<string>) =>
    pulumi.jsonStringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
  const trust = (Service: string): string =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
    });
  const execution = new aws.iam.Role("execution", { assumeRolePolicy: trust("lambda.amazonaws.com") });
  const fn = new aws.lambda.Function("orders", {
    role: execution.arn,
    runtime: "nodejs22.x",
    handler: "index.handler",
    code: new pulumi.asset.StringAsset("x"),
  });
  const source = new aws.iam.Role("source", { assumeRolePolicy: trust(trusted ?? APPSYNC.principal) });
  new aws.iam.RolePolicy("source-invokes", {
    role: source.name,
    policy: allow(mayInvoke ? "lambda:InvokeFunction" : "lambda:GetFunction", fn.arn),
  });
  const api = new aws.appsync.GraphQLApi("orders", { name: "orders", authenticationType: "AWS_IAM" });
  const data = new aws.appsync.DataSource("orders", {
    apiId: api.id,
    type: "AWS_LAMBDA",
    ...(permission === undefined ? { serviceRoleArn: source.arn } : {}),
    lambdaConfig: { functionArn: fn.arn },
  });
  if (permission !== undefined && permission !== "none")
    new aws.lambda.Permission("orders", {
      action: "lambda:InvokeFunction",
      function: fn.name,
      principal: permission === "of the service" ? APPSYNC.principal : "events.amazonaws.com",
      sourceArn: pulumi.interpolate`${api.arn}/types/Query/fields/getOrder`,
    });
  new aws.appsync.Resolver("get", { apiId: api.id, type: "Query", field: "getOrder", dataSource: data.name });
  const caller = new aws.iam.Role("caller", { assumeRolePolicy: trust("ec2.amazonaws.com") });
  new aws.iam.RolePolicy("caller-calls", {
    role: caller.name,
    policy: allow(
      action ?? APPSYNC.action,
      pulumi.interpolate`${api.arn}/types/Query/fields/${field ?? "getOrder"}`,
    ),
  });
  if (callerMayInvoke)
    new aws.iam.RolePolicy("caller-invokes", {
      role: caller.name,
      policy: allow("lambda:InvokeFunction", fn.arn),
    });
}

async function messagesOf(
  given: ProgramOptions,
  as: "deployed" | "first-preview",
): Promise<readonly string[]> {
  const { resources } = await plan(() => program(given), { as, project: "shop" });
  const access = new Access(readStack(asSdkResources(resources), "infer", [...API_FORMS, readGraphqlApis]));
  const noDeclaredCaller = (): boolean => false;
  const describeDenied = <V extends Verdict>(
    verdicts: readonly V[],
    describe: (verdicts: SameReason<Denied<V>>) => Parameters<typeof violation>[0][number],
    policy: string,
  ): readonly string[] =>
    verdicts
      .filter(isDenied)
      .map((verdict) =>
        violation(
          [describe([verdict] as SameReason<Denied<V>>)],
          { name: policy, rule: ruleOf(verdict) },
          "typescript",
        ),
      );
  return [
    ...describeDenied(functionPermissions(access), describeRouteFunction, "route-function-permission"),
    ...describeDenied(integrationRoles(access), describeIntegrationRole, "integration-role-lambda-invoke"),
    ...describeDenied(
      deniedCallers(access, noDeclaredCaller),
      describeCallerRoute,
      "caller-execute-api-invoke",
    ),
    ...describeDenied(
      callersOfRoutes(access, false, noDeclaredCaller),
      describeTwoStep,
      "iam-route-caller-lambda-invoke",
    ),
  ];
}

describe("an additional form of API", () => {
  const types = RESOURCE_TYPES as Map<string, ResourceType>;
  const before = new Map(RESOURCE_TYPES);
  beforeEach(() => {
    for (const [type, term] of TYPES) types.set(type, term);
  });
  afterEach(() => {
    types.clear();
    for (const [type, term] of before) types.set(type, term);
  });

  for (const as of ["deployed", "first-preview"] as const) {
    describe(as, () => {
      it("allows callers with the form's action", async () => {
        deepEqual(await messagesOf({}, as), []);
      });

      it("allows its service by a permission for its principal, where an integration has no credentials", async () => {
        deepEqual(await messagesOf({ permission: "of the service" }, as), []);
      });

      const finds = (name: string, given: ProgramOptions, words: readonly RegExp[]): void => {
        it(name, async () => {
          const found = await messagesOf(given, as);
          deepEqual(found.length, 1, found.join("\n\n"));
          for (const word of words) ok(word.test(found[0] ?? ""), `${word}: ${found[0]}`);
          ok(!/API Gateway|execute-api|apigateway\.amazonaws/.test(found[0] ?? ""), found[0]);
        });
      };
      finds("has roles that must trust its service", { trusted: "ec2.amazonaws.com" }, [
        /Query\.getOrder of API orders .*does not trust AWS AppSync/,
        /"Service": "appsync\.amazonaws\.com"/,
      ]);
      for (const permission of ["none", "of another service"] as const)
        finds(`has functions that must allow its service, with a permission ${permission}`, { permission }, [
          /Query\.getOrder of API orders (probably )?cannot invoke function orders\S*: the function's resource policy (probably )?has/,
          /AWS AppSync invokes the function as appsync\.amazonaws\.com/,
          /AWS AppSync presents the source ARN arn:aws:appsync:.+\/types\/Query\/fields\/getOrder/,
          /principal: "appsync\.amazonaws\.com"/,
          /sourceArn: pulumi\.interpolate`\$\{\w+\.arn\}\/types\/Query\/fields\/getOrder`/,
        ]);
      finds("has callers that need access to the function", { callerMayInvoke: false }, [
        /can (probably )?call Query\.getOrder of API orders but (probably )?cannot invoke function orders/,
        /must have both appsync:GraphQL and lambda:InvokeFunction/,
      ]);
    });
  }

  it("has roles that need access to the function", async () => {
    const found = await messagesOf({ mayInvoke: false }, "deployed");
    deepEqual(found.length, 1, found.join("\n\n"));
    ok(
      /which AWS AppSync assumes to invoke it, is not allowed lambda:InvokeFunction/.test(found[0] ?? ""),
      found[0],
    );
  });

  it("has callers whose grants match none of its routes", async () => {
    const found = await messagesOf({ field: "getOrders" }, "deployed");
    deepEqual(found.length, 1, found.join("\n\n"));
    ok(
      /is allowed appsync:GraphQL on .*, which matches no route of API orders/.test(found[0] ?? ""),
      found[0],
    );
  });
});
