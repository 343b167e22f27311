import { credentialsOf } from "../apis/integrations";
import type { ApiCall } from "../facts";
import { readString } from "../pulumi/properties";
import { apiCallsOf, type CallContext, requestTo } from "./requests";

const PROPERTIES = ["target", "enrichment"] as const;

/**
 * Targets and enrichments of EventBridge pipes.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
 */
export function pipeCalls(context: CallContext): readonly ApiCall[] {
  return context.resources.ofKind("Pipe").flatMap((planned) =>
    apiCallsOf(
      planned,
      PROPERTIES.flatMap((property) => requestTo(context, planned, property, readString(planned, property))),
      credentialsOf(context.resources, readString(planned, "roleArn"), planned, "roleArn"),
      "pipes.amazonaws.com",
    ),
  );
}
