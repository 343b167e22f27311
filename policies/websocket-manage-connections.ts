import { disconnectedHandlers } from "../access";
import { violation } from "../messages";
import { describeDisconnected } from "../messages/verdicts/manage-connections";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework/create-policy";

const metadata = {
  name: "websocket-manage-connections",
  displayName: "Functions can send to WebSocket clients",
  description:
    "The role of a WebSocket API's function has permissions on the API, none of which allows sending to the API's clients.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Allow execute-api:ManageConnections on API/STAGE/POST/@connections/* in a policy of the function's role.",
} satisfies Metadata;

export const websocketManageConnections: StackPolicy = stackPolicy(
  metadata,
  { whenUnknown: true, subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(disconnectedHandlers(stack.access()), (handler) => ({
      urn: handler.principal.urn,
      message: violation([describeDisconnected(handler)], metadata, stack.languageOf(handler.principal.urn)),
    })),
  }),
);
