import { type Hole, known, type Origin, splitArn, type Text, text, Unknown } from "../iam";
import { asPattern, executeApiPatterns, pathForCallers } from "./documents";
import type { Api, ApiCall } from "./facts";
import { fieldOf, labelOf, type Planned, read, readString } from "./planned";
import { originsOf, plannedDependencies, type Reading } from "./reading";
import { type ApiPart, credentialsOf } from "./rest";

/** A request as a resource writes it down. */
interface Request {
  readonly api: Api;
  readonly arn: Text;
  readonly inferredFrom: readonly Origin[];
}

/**
 * The resources that call an API of the stack with the credentials of a role:
 *
 * - targets of EventBridge rules (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html)
 * - targets and enrichments of EventBridge pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html)
 * - tasks of Step Functions with `AuthType` `IAM_ROLE` (https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html)
 */
export function readApiCalls(
  reading: Reading,
  apis: readonly Api[],
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly ApiCall[] {
  const byId = new Map(apis.map((api) => [known(api.id), api]));
  const called = (planned: Planned, property: string): readonly Request[] => {
    const value = readString(planned, property);
    if (value === undefined) return [];
    if (value instanceof Unknown) return inferredRequest(reading, planned, property, partOf);
    const at = splitArn(text(value));
    if (at === undefined || known(at.service) !== "execute-api") return [];
    const [id = "", ...rest] = (known(at.resource) ?? "").split("/");
    const api = byId.get(id);
    if (api === undefined || rest.length === 0) return [];
    return [{ api, arn: withHoles(api, `/${rest.join("/")}`, planned), inferredFrom: [] }];
  };
  const callsOf = (planned: Planned, requests: readonly Request[]): readonly ApiCall[] => {
    if (requests.length === 0) return [];
    const role = credentialsOf(reading, readString(planned, "roleArn"), planned, "roleArn");
    if (role.mode !== "role") return [];
    return requests.map((request) => ({ urn: planned.urn, label: labelOf(planned), role, ...request }));
  };
  return [
    ...reading.of("EventTarget").flatMap((planned) => callsOf(planned, called(planned, "target"))),
    ...reading
      .of("Pipe")
      .flatMap((planned) =>
        callsOf(planned, [...called(planned, "target"), ...called(planned, "enrichment")]),
      ),
    ...reading.of("StateMachine").flatMap((planned) => callsOf(planned, tasksOf(planned, byId))),
  ];
}

/** `*` in the ARN of a target is filled in with the path parameters of the request. */
function withHoles(api: Api, tail: string, planned: Planned): Text {
  const pieces = tail
    .split("*")
    .flatMap((piece, at) => (at === 0 ? [piece] : [filledIn(planned, at), piece]));
  return text(api.executionArn, ...pieces);
}

function filledIn(planned: Planned, at: number): Hole {
  return {
    id: `path parameter ${at} of ${planned.urn}`,
    shape: "path",
    varies: true,
    label: `what ${labelOf(planned)} puts there`,
    from: [],
  };
}

/** A request whose ARN is not shown and is computed from one API is some request to it. */
function inferredRequest(
  reading: Reading,
  planned: Planned,
  property: string,
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly Request[] {
  if (reading.whenUnknown === "prove") return [];
  const parts = plannedDependencies(reading, planned, property).flatMap((one) => partOf(one) ?? []);
  const [first] = parts;
  if (first === undefined || parts.some((part) => part.api !== first.api)) return [];
  const patterns = executeApiPatterns(parts, pathForCallers);
  // Of several that it may be, one cannot stand for the others.
  const [only, ...more] = patterns;
  const tail =
    only === undefined || more.length > 0 ? "/*" : only.slice(asPattern(first.api.executionArn).length);
  return [
    { api: first.api, arn: withHoles(first.api, tail, planned), inferredFrom: originsOf(planned, property) },
  ];
}

/** Definitions nested deeper than this are none that Step Functions would take. */
const DEEPEST = 50;

/** The tasks of a state machine that call an API of the stack as the state machine's role. */
function tasksOf(planned: Planned, byId: ReadonlyMap<string | undefined, Api>): readonly Request[] {
  const definition = read(planned, "definition");
  if (typeof definition !== "string" || !definition.includes("apigateway:invoke")) return [];
  const requests: Request[] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== "object" || value === null || depth > DEEPEST) return;
    const resource = fieldOf(value, "Resource");
    if (typeof resource === "string" && /:states:::apigateway:invoke(\.|$)/.test(resource)) {
      const request = requestOf(planned, byId, fieldOf(value, "Parameters") ?? fieldOf(value, "Arguments"));
      if (request !== undefined) requests.push(request);
    }
    for (const one of Object.values(value)) visit(one, depth + 1);
  };
  visit(parsed(definition), 0);
  return requests;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function requestOf(
  planned: Planned,
  byId: ReadonlyMap<string | undefined, Api>,
  parameters: unknown,
): Request | undefined {
  if (fieldOf(parameters, "AuthType") !== "IAM_ROLE") return undefined;
  const endpoint = fieldOf(parameters, "ApiEndpoint");
  const api = byId.get(typeof endpoint === "string" ? endpoint.split(".")[0] : "");
  if (api === undefined) return undefined;
  // What is chosen at run time ("Path.$", "{% … %}") may be anything.
  const part = (name: string): string => {
    const value = fieldOf(parameters, name);
    return typeof value === "string" && !value.startsWith("{%") ? value : "*";
  };
  const path =
    fieldOf(parameters, "Path") === undefined && fieldOf(parameters, "Path.$") === undefined
      ? "/"
      : part("Path");
  const tail = `/${part("Stage")}/${part("Method")}${path.startsWith("/") || path === "*" ? path : `/${path}`}`;
  return { api, arn: withHoles(api, tail, planned), inferredFrom: [] };
}
