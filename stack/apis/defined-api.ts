import { type Text, text } from "../../iam";
import type { Api } from "../facts";
import { exists, type ReadableResource, readString } from "../pulumi/properties";
import { API_ID, type ResourceIndex } from "../pulumi/resource-index";
import { type Scope, scopeOf } from "../pulumi/scope";

/** The common properties of all kinds of APIs, where the stack or account data define them. */
export function definedApi(
  resources: ResourceIndex,
  planned: ReadableResource,
): Omit<Api, "kind" | "private" | "vpcEndpoints"> {
  const scope = scopeOf(resources, planned);
  const shownId = readString(planned, "id");
  const shownArn = readString(planned, "executionArn");
  const name = readString(planned, "name");
  const id = text(typeof shownId === "string" ? shownId : resources.unassigned(planned, API_ID));
  return {
    urn: planned.urn,
    name: typeof name === "string" ? name : planned.name,
    id,
    scope,
    executionArn: typeof shownArn === "string" ? text(shownArn) : executionArn(scope, id),
    policies: [],
    exists: exists(planned),
    ...(planned.resource.fromAccountData === undefined ? {} : { external: true }),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html */
export function executionArn({ partition, region, account }: Scope, id: Text): Text {
  return text("arn:", partition, ":execute-api:", region, ":", account, ":", id);
}
