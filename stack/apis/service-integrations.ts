import { OBJECT_ACTIONS, SUBTYPE_ACTIONS, serviceAction } from "../../aws";
import { type Hole, type Text, text, Unknown } from "../../iam";
import type { ServiceIntegration } from "../facts";
import { dependenciesOf, fieldOf, labelOf, type Planned, read, readString } from "../pulumi/properties";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiPart } from "./api-form";
import { credentialsOf } from "./integrations";

/** `arn:aws:apigateway:us-east-1:states:action/StartExecution` */
const URI = /^arn:([^:]{1,63}):apigateway:([^:]{1,63}):([^:]{1,63}):(action|path)\/(.{0,2048})$/;

interface Asked {
  readonly action: string;
  readonly resource: Text;
}

/**
 * Integrations with services other than Lambda that assume a role, as far as the action that they call is known.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export function readServiceIntegrations(
  reading: ResourceIndex,
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly ServiceIntegration[] {
  const found = (
    planned: Planned,
    asked: Asked | undefined,
    value: unknown,
    property: string,
  ): readonly ServiceIntegration[] => {
    const api = partOf(planned)?.api;
    const credentials = credentialsOf(reading, stringLike(value), planned, property);
    if (asked === undefined || api === undefined || credentials.mode !== "role") return [];
    const calls = calledResource(planned, asked.action);
    return [
      {
        urn: planned.urn,
        label: labelOf(planned),
        api,
        ...asked,
        ...(calls === undefined ? {} : { calls }),
        credentials,
      },
    ];
  };
  return [
    ...reading.of("RestIntegration").flatMap((planned) =>
      found(
        planned,
        askedBy((name) => read(planned, name)),
        read(planned, "credentials"),
        "credentials",
      ),
    ),
    ...reading.of("RestMethod").flatMap((planned) => {
      const inline = read(planned, "integration");
      const asked = inline === undefined ? undefined : askedBy((name) => fieldOf(inline, name));
      return found(planned, asked, fieldOf(inline, "credentials"), "integration");
    }),
    ...reading.of("HttpIntegration").flatMap((planned) => {
      const subtype = readString(planned, "integrationSubtype");
      const action = typeof subtype === "string" ? SUBTYPE_ACTIONS.get(subtype) : undefined;
      const asked = action === undefined ? undefined : { action, resource: text(anything(action)) };
      return found(planned, asked, read(planned, "credentialsArn"), "credentialsArn");
    }),
  ];
}

/** By the prefix of an action: the types of what it is for. */
const CALLED: Readonly<Record<string, RegExp>> = {
  dynamodb: /^aws:dynamodb\/table:Table$|^aws-native:dynamodb:Table$/,
  events: /^aws:cloudwatch\/eventBus:EventBus$|^aws-native:events:EventBus$/,
  kinesis: /^aws:kinesis\/stream:Stream$|^aws-native:kinesis:Stream$/,
  s3: /^aws:s3\/bucket(V2)?:Bucket(V2)?$|^aws-native:s3:Bucket$/,
  sns: /^aws:sns\/topic:Topic$|^aws-native:sns:Topic$/,
  sqs: /^aws:sqs\/queue:Queue$|^aws-native:sqs:Queue$/,
  states: /^aws:sfn\/stateMachine:StateMachine$|^aws-native:stepfunctions:StateMachine$/,
};

function calledResource({ resource }: Planned, action: string): ServiceIntegration["calls"] {
  const types = CALLED[action.slice(0, action.indexOf(":"))];
  if (types === undefined) return undefined;
  const all = Object.values(resource.propertyDependencies ?? {}).flat();
  const [called, another] = new Map(
    all.filter(({ type }) => types.test(type)).map(({ urn, type }) => [urn, type]),
  );
  if (called === undefined || another !== undefined) return undefined;
  const [urn, type] = called;
  return { urn, property: type === "aws-native:sns:Topic" ? "topicArn" : "arn" };
}

function stringLike(value: unknown): string | Unknown | undefined {
  return typeof value === "string" || value instanceof Unknown ? value : undefined;
}

function askedBy(given: (name: string) => unknown): Asked | undefined {
  const [type, uri, method] = ["type", "uri", "integrationHttpMethod"].map(given);
  if (typeof type !== "string" || type.toUpperCase() !== "AWS" || typeof uri !== "string") return undefined;
  const [, partition = "", , service = "", kind, target = ""] = URI.exec(uri) ?? [];
  if (kind === "action") {
    const action = serviceAction(service, target);
    return action === undefined ? undefined : { action, resource: text(anything(action)) };
  }
  if (service !== "s3" || typeof method !== "string") return undefined;
  const action = OBJECT_ACTIONS.get(method.toUpperCase());
  const [bucket = "", ...key] = target.split("/");
  // A bucket by itself is listed, which is another permission.
  if (action === undefined || key.join("") === "") return undefined;
  return {
    action,
    resource: text("arn:", partition, ":s3:::", filled(bucket), "/", filled(key.join("/"))),
  };
}

/** What stands in braces is what a request puts there. */
function filled(part: string): Text {
  return /[{}]/.test(part) ? text(anything(part)) : text(part);
}

function anything(id: string): Hole {
  return { id: `resource of ${id}`, shape: "tail", varies: true, label: "what the request names", from: [] };
}

/**
 * The roles (URNs) that may hold a policy of AWS's: of those only the statements on routes and functions are known here.
 */
export function rolesWithAwsPolicies(reading: ResourceIndex): ReadonlySet<string> {
  const roles = reading.of("Role");
  const found = new Set<string>();
  for (const role of roles) if (mayBeOfAws(read(role, "managedPolicyArns"))) found.add(role.urn);
  const attachments = [
    ...reading.of("RolePolicyAttachment").map((one) => [one, "role", "policyArn"] as const),
    ...reading.of("RolePolicyAttachmentsExclusive").map((one) => [one, "role", "policyArns"] as const),
    ...reading.of("PolicyAttachment").map((one) => [one, "roles", "policyArn"] as const),
  ];
  for (const [one, property, policy] of attachments) {
    if (!mayBeOfAws(read(one, policy))) continue;
    const value = JSON.stringify(read(one, property)) ?? "";
    const on = new Set(dependenciesOf(one, property).map(({ urn }) => urn));
    for (const role of roles) {
      const name = readString(role, "name");
      if (on.has(role.urn) || typeof name !== "string" || value.includes(JSON.stringify(name)))
        found.add(role.urn);
    }
  }
  return found;
}

function mayBeOfAws(arns: unknown): boolean {
  return [arns].flat().some((arn) => typeof arn === "string" && arn.includes(":iam::aws:"));
}
