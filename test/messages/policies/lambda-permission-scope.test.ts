import {
  describeLambdaPermissionScope,
  type LambdaPermissionScopeProblem,
} from "../../../messages/policies/lambda-permission-scope";
import { testMessages } from "../../support/problems";

testMessages<LambdaPermissionScopeProblem>(
  "lambda-permission-scope",
  { "any-api": [{ code: "any-api" }], everyone: [{ code: "everyone" }] },
  (problem) => describeLambdaPermissionScope(problem, "typescript"),
);
