import { type Hole, known, type Origin, splitArn, type Text, text, Unknown } from "../../iam";
import type { ApiPart } from "../apis/api-form";
import type { Api, ApiCall, CallingService, Credentials } from "../facts";
import { filledInBy } from "../labels";
import { asPattern, executeApiPatterns, pathForCallers } from "../principals/documents";
import { labelOf, type Planned } from "../pulumi/properties";
import { originsOf, plannedDependencies, type ResourceIndex } from "../pulumi/resource-index";

/** A request as a resource writes it down. */
export interface Request {
  readonly api: Api;
  readonly arn: Text;
  readonly inferredFrom: readonly Origin[];
}

/** The part of an API that a planned resource is. */
export type PartOf = (planned: Planned) => ApiPart | undefined;

/** What the readers of callers look requests up in. */
export interface Callers {
  readonly reading: ResourceIndex;
  readonly byId: ReadonlyMap<string | undefined, Api>;
  readonly partOf: PartOf;
}

/** What an ARN that is written at some place of a resource calls. */
export function requestTo(
  { reading, byId, partOf }: Callers,
  planned: Planned,
  property: string,
  value: string | Unknown | undefined,
): readonly Request[] {
  if (value === undefined) return [];
  if (value instanceof Unknown) return inferredRequest(reading, planned, property, partOf);
  const at = splitArn(text(value));
  if (at === undefined || known(at.service) !== "execute-api") return [];
  const [id = "", ...rest] = (known(at.resource) ?? "").split("/");
  const api = byId.get(id);
  if (api === undefined || rest.length === 0) return [];
  return [{ api, arn: withHoles(api, `/${rest.join("/")}`, planned), inferredFrom: [] }];
}

/**
 * The calls that a resource makes.
 *
 * @param service assumes the role that the calls are made with
 */
export function callsBy(
  planned: Planned,
  requests: readonly Request[],
  by: Credentials | CallingService,
  service: string,
): readonly ApiCall[] {
  if (by.mode !== "role" && by.mode !== "service") return [];
  return requests.map((request) => ({ urn: planned.urn, label: labelOf(planned), by, service, ...request }));
}

/** `*` in the ARN of a target is filled in with the path parameters of the request. */
export function withHoles(api: Api, tail: string, planned: Planned): Text {
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
    label: filledInBy(labelOf(planned)),
    from: [],
  };
}

/** A request whose ARN is not shown and depends on one API is some request to it. */
export function inferredRequest(
  reading: ResourceIndex,
  planned: Planned,
  property: string,
  partOf: PartOf,
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
