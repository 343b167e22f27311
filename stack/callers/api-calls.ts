import { known } from "../../iam";
import type { Api, ApiCall } from "../facts";
import type { ResourceIndex } from "../pulumi/resource-index";
import { integrationCalls } from "./api-integrations";
import { eventTargetCalls } from "./event-targets";
import { dataSourceCalls } from "./http-data-sources";
import { pipeCalls } from "./pipes";
import type { PartOf } from "./requests";
import { stateMachineCalls } from "./state-machines";

/** The requests of the stack's resources to its APIs; each kind of resource has a file. */
export function readApiCalls(
  resources: ResourceIndex,
  apis: readonly Api[],
  partOf: PartOf,
): readonly ApiCall[] {
  const byId = new Map(apis.map((api) => [known(api.id), api]));
  const context = { resources, byId, partOf };
  return [eventTargetCalls, pipeCalls, stateMachineCalls, dataSourceCalls, integrationCalls].flatMap(
    (calls) => calls(context),
  );
}
