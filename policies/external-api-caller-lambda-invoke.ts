import { externalApiCallers } from "../access/gates/external-api/callers";
import { describeExternalApiCaller } from "../messages/verdicts/external-api";
import { type GateMetadata, gatePolicy, type StackPolicy } from "./framework/create-policy";

const metadata: GateMetadata = {
  name: "external-api-caller-lambda-invoke",
  displayName: "Callers of APIs outside the stack have lambda:InvokeFunction",
  description:
    "A principal can call an API outside this stack but cannot invoke any Lambda function, which an IAM-authorized route may require.",
  enforcementLevel: "advisory",
  severity: "low",
  remediationSteps:
    "If the API's route is IAM-authorized and calls Lambda, allow lambda:InvokeFunction on its function too; otherwise exempt this caller.",
};

export const externalApiCallerLambdaInvoke: StackPolicy = gatePolicy(
  metadata,
  { subjects: ["external-api"] },
  (access) => externalApiCallers(access),
  describeExternalApiCaller,
);
