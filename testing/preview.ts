import { stripVTControlCharacters } from "node:util";
import type { PlannedResource } from "../engine/model";
import { resourceOf, type StatePlan, showNoResource, stackOfUrn } from "../engine/state";
import {
  hasUnknown,
  isObject,
  type Properties,
  plainProperties,
  UNKNOWN,
  type Value,
} from "../engine/values";
import { createOutputs, readOutputs, type SimulatedLocation } from "./aws-answers";
import { placeOf } from "./monitor";

/** One step of a preview: the engine's operation on a resource. */
interface Step {
  readonly op: string;
  readonly oldState: Value | undefined;
  readonly newState: Value | undefined;
}

interface Preview {
  readonly config: Properties;
  readonly steps: readonly Step[];
  /** The number of resources by operation, including those without a step. */
  readonly summary: Properties;
  readonly errors: readonly string[];
}

/** The operations after which a resource no longer exists, or that concern an earlier one with the same URN. */
const REMOVING_OPERATIONS: ReadonlySet<string> = new Set([
  "delete",
  "read-discard",
  "discard",
  "remove-pending-replace",
]);
const REPLACED_OPERATIONS: ReadonlySet<string> = new Set(["delete-replaced", "discard-replaced"]);

/** The operations that leave a resource unchanged in the state. */
const UNCHANGED: ReadonlySet<string> = new Set(["same", "refresh"]);

/** The error of an otherwise complete preview in which a policy pack reports a mandatory violation. */
const STOPPED_BY_POLICY = /^(?:error: )?preview failed\s*$/;

/** Whether a value has the format of `pulumi preview --json`, or of the list of its events. */
export function isPreview(printed: unknown): boolean {
  if (Array.isArray(printed)) return printed.some((event) => isObject(event) && "sequence" in event);
  return isObject(printed) && (Array.isArray(printed.steps) || isObject(printed.changeSummary));
}

/**
 * The plan of `pulumi preview --json --show-sames`, or, with `PULUMI_ENABLE_STREAMING_JSON_PREVIEW`, of the list of its
 * events.
 *
 * The document has the inputs of each resource, but not the outputs that its provider returns. So an unchanged resource
 * has the outputs of the state; an updated one has them with its new inputs; and for a new one every computed output is
 * unknown.
 *
 * @throws If the preview failed, or omits the unchanged resources.
 */
export function planFromPreview(printed: unknown): StatePlan {
  const preview = Array.isArray(printed) ? previewOfEvents(printed) : previewOf(printed);
  requireComplete(preview);
  const leftOut: string[] = [];
  const byUrn = new Map<string, PlannedResource>();
  const reader = readerFor(preview.config, byUrn);
  const removed: PlannedResource[] = [];
  const existing = new Map<string, PlannedResource>();
  preview.steps.forEach((step, index) => {
    const oldResource = resourceOf(step.oldState);
    if (typeof oldResource === "object") existing.set(oldResource.urn, oldResource);
    const isReplaced = REPLACED_OPERATIONS.has(step.op);
    if ((isReplaced || REMOVING_OPERATIONS.has(step.op)) && typeof oldResource === "object")
      removed.push(oldResource);
    if (isReplaced) return;
    if (REMOVING_OPERATIONS.has(step.op)) {
      if (typeof oldResource === "object") byUrn.delete(oldResource.urn);
      return;
    }
    const resource = resourceOf(step.newState ?? step.oldState);
    if (typeof resource === "string") leftOut.push(showNoResource({ list: "steps", index }, resource));
    else if (resource !== undefined)
      byUrn.set(
        resource.urn,
        reader(step, resource, typeof oldResource === "object" ? oldResource : undefined),
      );
  });
  const resources = [...byUrn.values()];
  return {
    ...stackOfUrn(resources[0]?.urn ?? ""),
    resources: [...defaultProviders(resources, preview.config), ...resources],
    leftOut,
    existing: [...existing.values()],
    ...(removed.length === 0 ? {} : { removed }),
  };
}

function previewOf(printed: unknown): Preview {
  if (!isObject(printed)) throw new Error("not a preview: there is no list `steps` in it");
  const steps = Array.isArray(printed.steps) ? printed.steps : [];
  const diagnostics = Array.isArray(printed.diagnostics) ? printed.diagnostics : [];
  return {
    config: object(printed.config),
    steps: steps.map(object).map((step) => ({ op: text(step.op), ...states(step.oldState, step.newState) })),
    summary: object(printed.changeSummary),
    errors: diagnostics.map(object).flatMap(errorOf),
  };
}

/** The result of a step is the last event of its resource. */
function previewOfEvents(events: readonly unknown[]): Preview {
  const steps = new Map<string, Step>();
  let config: Properties = {};
  let summary: Properties = {};
  const errors: string[] = [];
  for (const event of events.map(object)) {
    config = { ...config, ...object(object(event.preludeEvent).config) };
    summary = { ...summary, ...object(object(event.summaryEvent).resourceChanges) };
    errors.push(...errorOf(object(event.diagnosticEvent)));
    const { metadata } = object(event.resOutputsEvent ?? event.resourcePreEvent);
    const { op, urn, old, new: newResource } = object(metadata);
    if (typeof urn === "string")
      steps.set(`${text(op)} ${urn}`, { op: text(op), ...states(old, newResource) });
  }
  return { config, steps: [...steps.values()], summary, errors };
}

function states(
  oldResource: Value | undefined,
  newResource: Value | undefined,
): Pick<Step, "oldState" | "newState"> {
  return { oldState: oldResource ?? undefined, newState: newResource ?? undefined };
}

function errorOf({ severity, message }: Properties): readonly string[] {
  if (severity !== "error" || typeof message !== "string" || STOPPED_BY_POLICY.test(message)) return [];
  return [message];
}

/** Hardly anything can be decided for a part of a stack: a policy that allows a caller may be in the other part. */
function requireComplete({ steps, summary, errors }: Preview): void {
  const [error] = errors;
  if (error !== undefined) throw new Error(`the preview failed: ${firstLines(error)}`);
  const unchangedCount = typeof summary.same === "number" ? summary.same : 0;
  const unchangedSteps = steps.filter(({ op }) => op === "same").length;
  if (unchangedSteps < unchangedCount)
    throw new Error(
      `it omits ${unchangedCount - unchangedSteps} unchanged resources; use "pulumi preview --json --show-sames"`,
    );
}

/** The error is often in the second line, after the name of the program. */
function firstLines(error: string): string {
  const lines = stripVTControlCharacters(error)
    .replace(/^error: /, "")
    .trim()
    .split("\n");
  return lines.slice(0, 2).join(" ");
}

type Reader = (
  step: Step,
  newResource: PlannedResource,
  oldResource: PlannedResource | undefined,
) => PlannedResource;

function readerFor(config: Properties, byUrn: ReadonlyMap<string, PlannedResource>): Reader {
  const outputsById = new Map<string, Properties>();
  const find = (kind: string, id: string): Properties | undefined => outputsById.get(`${kind} ${id}`);
  return (step, newResource, oldResource) => {
    const settings =
      byUrn.get(newResource.provider ?? "")?.inputs ?? providerConfig(config, newResource.type);
    const place: SimulatedLocation = placeOf(UNKNOWN_PLACE, settings, {
      ...oldResource?.outputs,
      ...newResource.inputs,
    });
    const request = { ...newResource, place, find };
    const read = { ...newResource, ...idAndOutputs(step, request, oldResource) };
    outputsById.set(`${read.type.split(":").at(-1)} ${read.id}`, read.outputs);
    if (place.region === "" && newResource.inputs.region === undefined) delete read.outputs.region;
    return read;
  };
}

/** A program may take region and account from its environment, which a preview does not show. */
const UNKNOWN_PLACE: SimulatedLocation = { region: "", account: "", partition: "aws" };

type ProviderRequest = PlannedResource & Pick<Parameters<typeof createOutputs>[0], "place" | "find">;

function idAndOutputs(
  { op }: Step,
  request: ProviderRequest,
  oldResource: PlannedResource | undefined,
): Pick<PlannedResource, "id" | "outputs"> {
  const { custom, inputs, type } = request;
  if (Object.keys(request.outputs).length > 0) return { id: idOf(request), outputs: request.outputs };
  if (oldResource !== undefined && UNCHANGED.has(op))
    return { id: oldResource.id, outputs: oldResource.outputs };
  // A component's outputs are those that it registers at its end; no resource uses a missing output.
  if (!custom || type.startsWith("pulumi:")) return { id: idOf(request), outputs: inputs };
  if (oldResource !== undefined && op === "update")
    return { id: oldResource.id, outputs: updatedOutputs(oldResource, request) };
  if (op.startsWith("read") || op.startsWith("import"))
    return { id: request.id, outputs: readOutputs(request, request.id, false) };
  const { outputs } = createOutputs(request, false);
  return { id: UNKNOWN, outputs: type.startsWith("aws:") ? { ...outputs, id: UNKNOWN } : outputs };
}

const idOf = ({ id, custom }: PlannedResource): string => (custom && id === "" ? UNKNOWN : id);

/** Properties with a new version number after each update. */
const VERSION_PROPERTIES = ["version", "qualifiedArn", "qualifiedInvokeArn"] as const;

/**
 * The outputs after an update, as far as they are known: the new inputs, and the earlier computed values. A property
 * that the program no longer sets may get a default or be removed.
 */
function updatedOutputs(oldResource: PlannedResource, { inputs, type }: ProviderRequest): Properties {
  const removed = Object.keys(oldResource.inputs).filter(
    (key) => !(key in inputs) && key in oldResource.outputs,
  );
  const publishes = type === "aws:lambda/function:Function" && inputs.publish === true;
  const unknown = [...removed, ...(publishes ? VERSION_PROPERTIES : [])].map((key): [string, Value] => [
    key,
    UNKNOWN,
  ]);
  return { ...oldResource.outputs, ...inputs, ...Object.fromEntries(unknown) };
}

/** The CLI shows no steps of default providers; the engine shows policies the resources. */
function defaultProviders(resources: readonly PlannedResource[], config: Properties): PlannedResource[] {
  const known = new Set(resources.map(({ urn }) => urn));
  const missing = new Set(resources.flatMap(({ provider }) => (provider === undefined ? [] : [provider])));
  return [...missing]
    .filter((urn) => !known.has(urn))
    .map((urn) => {
      const [, , type = "", name = ""] = urn.split("::");
      const version = /^default_(\d+)_(\d+)_(\d+)$/.exec(name)?.slice(1).join(".");
      const inputs = {
        ...providerConfig(config, type.slice(type.lastIndexOf(":") + 1)),
        ...(version === undefined ? {} : { version }),
      };
      const id = hasUnknown(inputs) ? UNKNOWN : "";
      return {
        ...{ urn, type, name, custom: true, id, inputs, outputs: inputs },
        ...{ dependencies: [], propertyDependencies: {} },
      };
    });
}

/** The settings of a package's default provider: `aws:region` is its `region`. */
function providerConfig(config: Properties, type: string): Properties {
  const prefix = `${type.split(":")[0]}:`;
  return plainProperties(
    Object.fromEntries(
      Object.entries(config)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    ),
  );
}

function object(value: unknown): Properties {
  return isObject(value) ? value : {};
}

function text(value: Value | undefined): string {
  return typeof value === "string" ? value : "";
}
