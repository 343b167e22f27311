import {
  type DurableFunctionQualifiedArnProblem,
  describeDurableFunctionQualifiedArn,
} from "../../../messages/policies/durable-function-qualified-arn";
import { route } from "../../access/gates/facts";
import { testMessages } from "../../support/problems";

const label = "orders";

testMessages<DurableFunctionQualifiedArnProblem>(
  "durable-function-qualified-arn",
  {
    routes: [
      { code: "routes", label, routes: [route()] },
      { code: "routes", label, routes: [route(), route({ verb: "POST" })] },
    ],
    authorizer: [{ code: "authorizer", label, authorizer: "authorizer guard" }],
  },
  describeDurableFunctionQualifiedArn,
);
