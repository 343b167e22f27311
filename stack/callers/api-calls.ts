import { type Hole, known, type Origin, splitArn, type Text, text, Unknown } from "../../iam";
import { type ApiPart, credentialsOf } from "../apis/rest";
import type { Api, ApiCall, CallingService, Credentials } from "../facts";
import { asPattern, executeApiPatterns, pathForCallers } from "../principals/documents";
import { fieldOf, labelOf, originOf, type Planned, read, readString, stringOf } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";

/** A request as a resource writes it down. */
interface Request {
  readonly api: Api;
  readonly arn: Text;
  readonly inferredFrom: readonly Origin[];
}

/** What an ARN that is written at some place of a resource calls. */
type Called = (planned: Planned, property: string, value: string | Unknown | undefined) => readonly Request[];

/**
 * The resources that call an API of the stack with the credentials of a role:
 *
 * - targets of EventBridge rules (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html),
 *   also without a role: then EventBridge calls as itself
 * - targets and enrichments of EventBridge pipes (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html)
 * - tasks of Step Functions with `AuthType` `IAM_ROLE` (https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html)
 */
export function readApiCalls(
  reading: ResourceIndex,
  apis: readonly Api[],
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly ApiCall[] {
  const byId = new Map(apis.map((api) => [known(api.id), api]));
  const called: Called = (planned, property, value) => {
    if (value === undefined) return [];
    if (value instanceof Unknown) return inferredRequest(reading, planned, property, partOf);
    const at = splitArn(text(value));
    if (at === undefined || known(at.service) !== "execute-api") return [];
    const [id = "", ...rest] = (known(at.resource) ?? "").split("/");
    const api = byId.get(id);
    if (api === undefined || rest.length === 0) return [];
    return [{ api, arn: withHoles(api, `/${rest.join("/")}`, planned), inferredFrom: [] }];
  };
  const callsOf = (planned: Planned, requests: readonly Request[]): readonly ApiCall[] =>
    requests.length === 0
      ? []
      : callsBy(
          planned,
          requests,
          credentialsOf(reading, readString(planned, "roleArn"), planned, "roleArn"),
        );
  const targetCalls = (
    planned: Planned,
    property: string,
    arn: string | Unknown | undefined,
    credentials: Credentials,
  ): readonly ApiCall[] => {
    const requests = called(planned, property, arn);
    if (requests.length === 0) return [];
    const by = credentials.mode === "none" ? eventBridge(reading, planned) : credentials;
    return callsBy(planned, requests, by);
  };
  return [
    ...reading
      .of("EventTarget")
      .flatMap((planned) =>
        targetCalls(
          planned,
          "target",
          readString(planned, "target"),
          credentialsOf(reading, readString(planned, "roleArn"), planned, "roleArn"),
        ),
      ),
    ...reading.of("EventRule").flatMap((planned) =>
      targetsOf(reading, planned, partOf).flatMap((target) => {
        const role = credentialsOf(reading, stringOf(target, "roleArn"), planned, "targets");
        return targetCalls(planned, "targets", stringOf(target, "arn"), role);
      }),
    ),
    ...reading.of("Pipe").flatMap((planned) =>
      callsOf(
        planned,
        ["target", "enrichment"].flatMap((property) =>
          called(planned, property, readString(planned, property)),
        ),
      ),
    ),
    ...reading
      .of("StateMachine")
      .flatMap((planned) => callsOf(planned, tasksOf(reading, planned, byId, partOf))),
  ];
}

function callsBy(
  planned: Planned,
  requests: readonly Request[],
  by: Credentials | CallingService,
): readonly ApiCall[] {
  if (by.mode !== "role" && by.mode !== "service") return [];
  return requests.map((request) => ({ urn: planned.urn, label: labelOf(planned), by, ...request }));
}

/**
 * The targets of a rule of `aws-native`. Where the ARN of one is not shown and the list is computed from something else
 * than roles and APIs, nobody can say which of them it is for.
 */
function targetsOf(
  reading: ResourceIndex,
  planned: Planned,
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly unknown[] {
  const targets = read(planned, "targets");
  if (!Array.isArray(targets)) return [];
  const plain = originsOf(planned, "targets").every(({ key }) => {
    const one = reading.byUrn(key);
    return one !== undefined && (one.kind === "Role" || partOf(one) !== undefined);
  });
  return plain ? targets : targets.filter((target) => !(stringOf(target, "arn") instanceof Unknown));
}

/** EventBridge as itself, for a rule: that of a target, or the rule itself. */
function eventBridge(reading: ResourceIndex, planned: Planned): CallingService {
  const ofTarget = planned.kind === "EventTarget";
  const { partition, region, account } = scopeOf(reading, planned);
  const name = readString(planned, ofTarget ? "rule" : "name");
  const shown = readString(planned, "arn");
  return {
    mode: "service",
    name: "events.amazonaws.com",
    sourceArn:
      !ofTarget && typeof shown === "string"
        ? text(shown)
        : text(
            ...["arn:", partition, ":events:", region, ":", account, ":rule/"],
            busOf(planned),
            typeof name === "string" ? name : unknownName(planned),
          ),
    source: ofTarget ? originsOf(planned, "rule").map(({ key }) => key) : [planned.urn],
  };
}

/** What stands before the name of a rule in its ARN: nothing on the default bus. */
function busOf(planned: Planned): string | Hole {
  const bus = readString(planned, "eventBusName");
  if (bus instanceof Unknown)
    return { id: `event bus of ${planned.urn}`, shape: "any", label: "its event bus", from: bus.from };
  const name = (bus ?? "").replace(/^arn:.*:event-bus\//, "");
  return name === "" || name === "default" ? "" : `${name}/`;
}

function unknownName(planned: Planned): Hole {
  return { id: `rule of ${planned.urn}`, shape: "word", label: `the rule of ${labelOf(planned)}`, from: [] };
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
  reading: ResourceIndex,
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
function tasksOf(
  reading: ResourceIndex,
  planned: Planned,
  byId: ReadonlyMap<string | undefined, Api>,
  partOf: (planned: Planned) => ApiPart | undefined,
): readonly Request[] {
  const requests: Request[] = [];
  const fill = substitution(read(planned, "definitionSubstitutions"));
  for (const [property, substitutes] of [
    ["definition", undefined],
    ["definitionString", "definitionSubstitutions"],
  ] as const) {
    const definition = read(planned, property);
    const visit = (value: unknown, depth: number): void => {
      if (typeof value !== "object" || value === null || value instanceof Unknown || depth > DEEPEST) return;
      const resource = fieldOf(value, "Resource");
      if (typeof resource === "string" && /:states:::apigateway:invoke(\.|$)/.test(resource)) {
        const parameters = fieldOf(value, "Parameters") ?? fieldOf(value, "Arguments");
        const parameter = (name: string): unknown => {
          const written = fieldOf(parameters, name);
          return substitutes !== undefined && typeof written === "string" ? fill(written) : written;
        };
        const request = requestOf(planned, parameter, (endpoint) =>
          typeof endpoint === "string"
            ? byId.get(endpoint.split(".")[0])
            : inferredRequest(reading, planned, substitutes ?? property, partOf)[0]?.api,
        );
        // Nothing is concluded of what is not shown.
        if (request !== undefined && (request.inferredFrom.length === 0 || reading.whenUnknown === "infer"))
          requests.push(request);
      }
      for (const one of Object.values(value)) visit(one, depth + 1);
    };
    visit(typeof definition === "string" ? parsed(definition) : definition, 0);
  }
  return requests;
}

/**
 * Puts values for `${name}`; what is not shown makes the whole unknown.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html#cfn-stepfunctions-statemachine-definitionsubstitutions
 */
function substitution(values: unknown): (written: string) => string | Unknown {
  return (written) => {
    let unknown: Unknown | undefined;
    const filled = written.replace(/\$\{(\w+)\}/g, (whole, name: string) => {
      const value = fieldOf(values, name);
      if (value instanceof Unknown) unknown = value;
      return ["string", "number", "boolean"].includes(typeof value) ? String(value) : whole;
    });
    return unknown ?? filled;
  };
}

function parsed(json: string): unknown {
  if (!json.includes("apigateway:invoke")) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function requestOf(
  planned: Planned,
  parameter: (name: string) => unknown,
  apiAt: (endpoint: string | Unknown) => Api | undefined,
): Request | undefined {
  if (parameter("AuthType") !== "IAM_ROLE") return undefined;
  const endpoint = parameter("ApiEndpoint");
  const api = typeof endpoint === "string" || endpoint instanceof Unknown ? apiAt(endpoint) : undefined;
  if (api === undefined) return undefined;
  const hidden = [endpoint, ...["Stage", "Method", "Path"].map(parameter)].flatMap((value) =>
    value instanceof Unknown ? (value.from.length > 0 ? value.from : [originOf(planned.resource)]) : [],
  );
  // What is chosen at run time ("Path.$", "{% … %}") may be anything.
  const part = (name: string): string => {
    const value = parameter(name);
    return typeof value === "string" && !value.startsWith("{%") ? value : "*";
  };
  const path = parameter("Path") === undefined && parameter("Path.$") === undefined ? "/" : part("Path");
  const tail = `/${part("Stage")}/${part("Method")}${path.startsWith("/") || path === "*" ? path : `/${path}`}`;
  return {
    api,
    arn: withHoles(api, tail, planned),
    inferredFrom: hidden,
  };
}
