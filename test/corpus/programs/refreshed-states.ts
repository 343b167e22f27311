/** Stacks whose state contains properties from a refresh that the program no longer sets. */
import * as aws from "@pulumi/aws";
import { type PlannedResource, UNKNOWN } from "../../../testing";
import {
  allowDocument,
  allowInvoke,
  caller,
  executeApi,
  invokeFunction,
  makeFunction,
  shop,
} from "../../support/programs";
import { type Entry, hard } from "../corpus";
import { attach, CALLER_CREDENTIALS, gateway, interpolate, open, restApi } from "../parts";

const DENIED = "iam-route-caller-lambda-invoke @ app";
const AWS_LAMBDA_ROLE = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";

const outputsOf =
  (type: string, name: string, outputs: PlannedResource["outputs"]) =>
  (resource: PlannedResource): void => {
    if (resource.type.endsWith(type) && resource.name === name) Object.assign(resource.outputs, outputs);
  };

const listed = (effect: "Allow" | "Deny", name = "fn") =>
  outputsOf(":Role", "app", {
    inlinePolicies: [
      {
        name,
        policy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: effect, Action: "lambda:InvokeFunction", Resource: "*" }],
        }),
      },
    ],
  });

/** The caller has only this policy document, whose name the state can contain too. */
const callerWithPolicy = (both: boolean) => () => {
  const base = shop();
  const { name: role } = caller("app", { name: "app" });
  const policy = both
    ? allowDocument(executeApi(base), invokeFunction(base))
    : allowDocument(executeApi(base));
  new aws.iam.RolePolicy("p", { name: "p", role, policy });
};

/** An update publishes a version, so the version number and everything that depends on it are unknown. */
const publishing = (resource: PlannedResource): void => {
  const unknown = (...keys: readonly string[]): void => {
    for (const key of keys)
      for (const properties of [resource.inputs, resource.outputs])
        if (key in properties) properties[key] = UNKNOWN;
  };
  if (resource.name !== "orders" && !resource.name.startsWith("orders-")) return;
  if (resource.type.endsWith(":Function")) unknown("version", "qualifiedArn", "qualifiedInvokeArn");
  if (resource.type.endsWith(":Integration")) unknown("uri");
  if (resource.type.endsWith(":Permission") && resource.inputs.qualifier !== "live") unknown("qualifier");
  if (resource.type.endsWith(":Alias")) unknown("functionVersion");
};

const published =
  (
    uriOf: (fn: aws.lambda.Function) => aws.apigateway.IntegrationArgs["uri"],
    qualifierOf: (fn: aws.lambda.Function) => aws.lambda.PermissionArgs["qualifier"],
  ) =>
  () => {
    const fn = makeFunction("orders", { publish: true });
    const uri = interpolate`${uriOf(fn)}`;
    const api = restApi((created) => [open(created, "orders", "GET", "orders", uri)]);
    const qualifier = qualifierOf(fn);
    allowInvoke(
      "orders-in",
      fn.name,
      interpolate`${api.executionArn}/*/*`,
      qualifier === undefined ? {} : { qualifier },
    );
  };

const entries: Entry[] = [
  {
    name: "control: neither the program nor the state contains the grant",
    program: callerWithPolicy(false),
    answers: { deployed: { denied: [DENIED] } },
  },
  {
    name: "the state lists a grant whose RolePolicy was removed from the program",
    program: callerWithPolicy(false),
    state: listed("Allow"),
    answers: { update: { unproven: 1 } },
  },
  {
    name: "the state lists AWSLambdaRole, whose attachment was removed from the program",
    program: callerWithPolicy(false),
    state: outputsOf(":Role", "app", { managedPolicyArns: [AWS_LAMBDA_ROLE] }),
    answers: { update: { unproven: 1 } },
  },
  {
    name: "the state of a credentials role lists a grant whose RolePolicy was removed from the program",
    program: () => {
      const fn = makeFunction("orders");
      const { arn: credentials } = gateway();
      restApi((api) => [open(api, "orders", "GET", "orders", fn.invokeArn, { credentials })]);
    },
    state: outputsOf(":Role", "gateway", { managedPolicyArns: [AWS_LAMBDA_ROLE] }),
    answers: { update: { unproven: 1 } },
  },
  {
    name: "the state lists a Deny under the name of a RolePolicy that no longer contains it",
    program: callerWithPolicy(true),
    state: listed("Deny", "p"),
    answers: { update: {} },
  },
  {
    name: "the state lists a grant under the name of a RolePolicy that no longer contains it",
    program: callerWithPolicy(false),
    state: listed("Allow", "p"),
    answers: { update: { denied: [DENIED] } },
  },
  {
    name: "the state has the policy of an API whose RestApiPolicy was removed from the program",
    program: () => {
      const base = shop({}, {}, { credentials: CALLER_CREDENTIALS });
      attach("app", caller("app"), allowDocument(executeApi(base), invokeFunction(base)));
    },
    state: outputsOf(":RestApi", "shop", {
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: "*", Action: "execute-api:Invoke", Resource: "*" }],
      }),
    }),
    answers: { update: { unproven: 1 } },
  },
  {
    name: "update: a new version is published and called",
    program: published(
      (fn) => fn.qualifiedInvokeArn,
      (fn) => fn.version,
    ),
    state: publishing,
    answers: { update: {} },
  },
  {
    name: "update: a new version is published for an alias",
    program: published(
      (fn) =>
        new aws.lambda.Alias("orders-live", {
          name: "live",
          functionName: fn.name,
          functionVersion: fn.version,
        }).invokeArn,
      () => "live",
    ),
    state: publishing,
    answers: { update: {} },
  },
  {
    name: "update: a new version is called, with a permission only on the function",
    program: published(
      (fn) => fn.qualifiedInvokeArn,
      () => undefined,
    ),
    state: publishing,
    answers: { update: { denied: ["route-function-permission @ orders-integration"] } },
  },
];

export default hard(entries);
