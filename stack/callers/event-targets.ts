import { type Hole, text, Unknown } from "../../iam";
import { credentialsOf } from "../apis/integrations";
import type { ApiCall, CallingService, Credentials } from "../facts";
import { labelOf, type ReadableResource, read, readString, stringOf } from "../pulumi/properties";
import { originsOf, type ResourceIndex } from "../pulumi/resource-index";
import { scopeOf } from "../pulumi/scope";
import { apiCallsOf, type CallContext, requestTo } from "./requests";

const EVENTBRIDGE = "events.amazonaws.com";

/**
 * Targets of EventBridge rules, with or without a role: without one, EventBridge itself is the caller.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-gateway-target.html
 */
export function eventTargetCalls(context: CallContext): readonly ApiCall[] {
  const { resources } = context;
  const calls = (
    planned: ReadableResource,
    property: string,
    arn: string | Unknown | undefined,
    credentials: Credentials,
  ): readonly ApiCall[] => {
    const requests = requestTo(context, planned, property, arn);
    if (requests.length === 0) return [];
    const caller = credentials.mode === "none" ? eventBridge(resources, planned) : credentials;
    return apiCallsOf(planned, requests, caller, EVENTBRIDGE);
  };
  return [
    ...resources.ofKind("EventTarget").flatMap((planned) => {
      const role = credentialsOf(resources, readString(planned, "roleArn"), planned, "roleArn");
      return calls(planned, "target", readString(planned, "target"), role);
    }),
    ...resources.ofKind("EventRule").flatMap((planned) =>
      targetsOf(context, planned).flatMap((target) => {
        const role = credentialsOf(resources, stringOf(target, "roleArn"), planned, "targets");
        return calls(planned, "targets", stringOf(target, "arn"), role);
      }),
    ),
  ];
}

/**
 * The targets of a rule of `aws-native`. Where the ARN of one is unknown and the list depends on resources other than
 * roles and APIs, it cannot be determined which target the ARN belongs to.
 */
function targetsOf({ resources, partOf }: CallContext, planned: ReadableResource): readonly unknown[] {
  const targets = read(planned, "targets");
  if (!Array.isArray(targets)) return [];
  const isDeterminable = originsOf(planned, "targets").every(({ key }) => {
    const planned = resources.byUrn(key);
    return planned !== undefined && (planned.kind === "Role" || partOf(planned) !== undefined);
  });
  return isDeterminable ? targets : targets.filter((target) => !(stringOf(target, "arn") instanceof Unknown));
}

/** EventBridge itself as the caller, on behalf of a rule: the rule of a target, or the rule itself. */
function eventBridge(resources: ResourceIndex, planned: ReadableResource): CallingService {
  const isTarget = planned.kind === "EventTarget";
  const { partition, region, account } = scopeOf(resources, planned);
  const name = readString(planned, isTarget ? "rule" : "name");
  const arn = readString(planned, "arn");
  return {
    mode: "service",
    name: EVENTBRIDGE,
    sourceArn:
      !isTarget && typeof arn === "string"
        ? text(arn)
        : text(
            ...["arn:", partition, ":events:", region, ":", account, ":rule/"],
            busOf(planned),
            typeof name === "string" ? name : unknownName(planned),
          ),
    sourceUrns: isTarget ? originsOf(planned, "rule").map(({ key }) => key) : [planned.urn],
  };
}

/** The part before the name of a rule in its ARN: empty on the default bus. */
function busOf(planned: ReadableResource): string | Hole {
  const bus = readString(planned, "eventBusName");
  if (bus instanceof Unknown)
    return {
      id: `event-bus ${planned.urn}`,
      shape: "any",
      label: { code: "event-bus" },
      origins: bus.origins,
    };
  const name = (bus ?? "").replace(/^arn:.*:event-bus\//, "");
  return name === "" || name === "default" ? "" : `${name}/`;
}

function unknownName(planned: ReadableResource): Hole {
  return {
    id: `rule of ${planned.urn}`,
    shape: "word",
    label: { code: "property", property: "rule", of: labelOf(planned) },
    origins: [],
  };
}
