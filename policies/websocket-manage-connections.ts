import { disconnectedHandlers } from "../access";
import { violation } from "../messages";
import { describeDisconnected } from "../messages/verdicts/manage-connections";
import { type Metadata, type StackPolicy, stackPolicy } from "./framework";

const metadata: Metadata = {
  name: "websocket-manage-connections",
  displayName: "Functions that send to WebSocket clients may",
  description:
    "The role of a WebSocket API's function has rights on the API, and none of them lets it send to the API's clients.",
  enforcementLevel: "advisory",
  severity: "medium",
  rule: "aws",
  remediationSteps:
    "Allow the function's role execute-api:ManageConnections on API/STAGE/POST/@connections/*.",
};

export const websocketManageConnections: StackPolicy = stackPolicy(
  metadata,
  { whenUnknown: true, subjects: ["api"] },
  [],
  (stack) => ({
    findings: stack.findings(disconnectedHandlers(stack.access()), (found) => ({
      urn: found.principal.urn,
      message: violation([describeDisconnected(found)], metadata.name, stack.languageOf(found.principal.urn)),
    })),
  }),
);
