import type { Disconnected } from "../../access";
import { explain } from "../decisions";
import type { Description } from "../description";
import { connectionsFix, principalName } from "../fixes/statements";
import { showFunctionTarget } from "../names";
import { printable } from "../printable";
import { list } from "../text";

/** A role with permissions on a WebSocket API that cannot send messages to the API's clients. */
export function describeDisconnected({
  principal,
  api,
  handlers,
  hasOtherResource,
  decision,
}: Disconnected): Description {
  const role = printable(principal.label);
  const name = printable(api.name);
  const runs =
    handlers.length === 0
      ? ""
      : `, which ${list(handlers.map((target) => showFunctionTarget(target)))} runs as,`;
  return {
    finding: `${role}${runs} has permissions on WebSocket API ${name} but cannot send messages to its clients: execute-api:ManageConnections is ${
      decision.reason === "explicit-deny"
        ? "denied"
        : hasOtherResource
          ? "allowed on a resource that matches none of its connections"
          : "missing"
    }`,
    explanation:
      "execute-api:Invoke allows clients to connect; posting to a connection, reading its status and closing it require execute-api:ManageConnections on API/STAGE/POST/@connections/* (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html).",
    // As reported: https://github.com/aws/aws-cdk/issues/18410
    symptom:
      'A function that posts to a connection gets 403 "User: … is not authorized to perform: execute-api:ManageConnections on resource: …".',
    evidence: explain(decision),
    fix: connectionsFix(api, principal.urn, principalName(principal)),
  };
}
