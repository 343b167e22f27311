import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { check, type PlanOptions, plan } from "../../testing";
import { trustOf } from "../support/rest";

/** An unknown source ARN can contain any stage, method and path, regardless of its dependencies. */

const FORM = ["REST", "HTTP", "WEBSOCKET"] as const;
const VERBS = ["GET", "POST", "ANY"] as const;

interface PermissionSpec {
  /** The resource that the API's ID comes from. */
  readonly id: "api" | "stage" | "route";
  readonly stage: "*" | "prod" | "by reference";
  readonly verb: "*" | "GET" | "by reference";
  readonly path: "*" | "written" | "by reference";
  /** The route and stage that the source ARN refers to. */
  readonly of: 0 | 1;
}

interface Spec {
  readonly form: (typeof FORM)[number];
  readonly verbs: readonly [(typeof VERBS)[number], (typeof VERBS)[number]];
  readonly permissions: readonly PermissionSpec[];
  readonly authorizer: boolean;
}

const permission: fc.Arbitrary<PermissionSpec> = fc.record({
  id: fc.constantFrom("api", "stage", "route"),
  stage: fc.constantFrom("*", "prod", "by reference"),
  verb: fc.constantFrom("*", "GET", "by reference"),
  path: fc.constantFrom("*", "written", "by reference"),
  of: fc.constantFrom(0, 1),
});

const spec: fc.Arbitrary<Spec> = fc.record({
  form: fc.constantFrom(...FORM),
  verbs: fc.tuple(fc.constantFrom(...VERBS), fc.constantFrom(...VERBS)),
  permissions: fc.array(permission, { minLength: 1, maxLength: 2 }),
  authorizer: fc.boolean(),
});

/** The resources that source ARNs refer to. */
interface Parts {
  readonly executionArn: pulumi.Output<string>;
  readonly stages: readonly { readonly id: pulumi.Output<string>; readonly name: pulumi.Output<string> }[];
  readonly routes: readonly {
    readonly id: pulumi.Output<string>;
    readonly verb: pulumi.Output<string>;
    readonly path: pulumi.Output<string>;
  }[];
}

const STAGES = ["prod", "beta"] as const;

function restParts({ verbs, authorizer }: Spec, uri: pulumi.Output<string>): Parts {
  const api = new aws.apigateway.RestApi("api");
  const decides = authorizer
    ? new aws.apigateway.Authorizer("authorizer", { restApi: api.id, type: "TOKEN", authorizerUri: uri })
    : undefined;
  const routes = verbs.map((verb, i) => {
    const resource = new aws.apigateway.Resource(`r${i}`, {
      restApi: api.id,
      parentId: api.rootResourceId,
      pathPart: `r${i}`,
    });
    const method = new aws.apigateway.Method(`r${i}`, {
      restApi: api.id,
      resourceId: resource.id,
      httpMethod: verb,
      ...(decides === undefined
        ? { authorization: "NONE" }
        : { authorization: "CUSTOM", authorizerId: decides.id }),
    });
    new aws.apigateway.Integration(`r${i}`, {
      restApi: api.id,
      resourceId: resource.id,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri,
    });
    return {
      id: method.restApi,
      verb: method.httpMethod.apply((written) => (written === "ANY" ? "*" : written)),
      path: resource.path,
    };
  });
  const deployment = new aws.apigateway.Deployment("deployment", { restApi: api.id });
  const stages = STAGES.map((stageName) => {
    const stage = new aws.apigateway.Stage(stageName, {
      restApi: api.id,
      deployment: deployment.id,
      stageName,
    });
    return { id: stage.restApi, name: stage.stageName };
  });
  return { executionArn: api.executionArn, stages, routes };
}

function httpParts({ form, verbs }: Spec, integrationUri: pulumi.Output<string>): Parts {
  const api = new aws.apigatewayv2.Api("api", { protocolType: form });
  const integration = new aws.apigatewayv2.Integration("integration", {
    apiId: api.id,
    integrationType: "AWS_PROXY",
    integrationUri,
  });
  const routes = verbs.map((verb, i) => {
    const routeKey = form === "HTTP" ? `${verb} /r${i}` : `r${i}`;
    const route = new aws.apigatewayv2.Route(`r${i}`, {
      apiId: api.id,
      routeKey,
      target: pulumi.interpolate`integrations/${integration.id}`,
    });
    return {
      id: route.apiId,
      verb: route.routeKey.apply((key) => (key.split(" ")[0] ?? "").replace("ANY", "*")),
      path: route.routeKey.apply((key) => key.split(" ")[1] ?? ""),
    };
  });
  const stages = STAGES.map((name) => {
    const stage = new aws.apigatewayv2.Stage(name, { apiId: api.id, name });
    return { id: stage.apiId, name: stage.name };
  });
  return { executionArn: api.executionArn, stages, routes };
}

function sourceArn({ id, stage, verb, path, of }: PermissionSpec, parts: Parts): pulumi.Output<string> {
  const [ofStage, ofRoute] = [parts.stages[of], parts.routes[of]];
  if (ofStage === undefined || ofRoute === undefined) throw new Error("there are two of each");
  const arn =
    id === "api"
      ? parts.executionArn
      : pulumi.interpolate`arn:aws:execute-api:us-east-1:123456789012:${id === "stage" ? ofStage.id : ofRoute.id}`;
  const chosen = [
    stage === "by reference" ? ofStage.name : stage,
    verb === "by reference" ? ofRoute.verb : verb,
    path === "by reference" ? ofRoute.path : path === "*" ? "/*" : `/r${of}`,
  ] as const;
  return pulumi.interpolate`${arn}/${chosen[0]}/${chosen[1]}${chosen[2]}`;
}

function program(given: Spec): () => void {
  return () => {
    const fn = new aws.lambda.Function("fn", {
      role: new aws.iam.Role("execution", { assumeRolePolicy: trustOf("lambda.amazonaws.com") }).arn,
      runtime: "nodejs22.x",
      handler: "index.handler",
      s3Bucket: "code",
      s3Key: "fn.zip",
    });
    const parts = given.form === "REST" ? restParts(given, fn.invokeArn) : httpParts(given, fn.invokeArn);
    for (const [i, permissionSpec] of given.permissions.entries())
      new aws.lambda.Permission(`in-${i}`, {
        action: "lambda:InvokeFunction",
        function: fn.name,
        principal: "apigateway.amazonaws.com",
        sourceArn: sourceArn(permissionSpec, parts),
      });
  };
}

async function blocking(given: Spec, as: PlanOptions["as"]): Promise<readonly string[]> {
  const found = await check(await plan(program(given), { as }));
  return found
    .filter(({ level }) => level === "mandatory")
    .map((finding) => `${finding.policy} @ ${finding.resource}`);
}

describe("unknown source ARNs", () => {
  it("never cause a denial that a stage, method and path in the ARN could contradict", async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(spec, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), async (given, coins) => {
        const truth = await blocking(given, "deployed");
        let at = 0;
        const previews: readonly PlanOptions["as"][] = [
          "first-preview",
          { update: () => coins[at++ % coins.length] as boolean },
        ];
        for (const as of previews)
          for (const finding of await blocking(given, as))
            assert.ok(
              truth.includes(finding),
              `${finding} is not a finding once deployed: ${truth.join(", ")}`,
            );
      }),
      { numRuns: 25, seed: 20_264, endOnFailure: true },
    );
  });
});
