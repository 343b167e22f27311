import { type ConfigurationProblem, showConfigurationProblem } from "../../messages/configuration";
import { testMessages } from "../support/problems";

const at = "callers[0].principal";

testMessages<ConfigurationProblem>(
  "configuration",
  {
    unreadable: [{ code: "unreadable" }, { code: "unreadable", keyPath: "exempt" }],
    "wrong-type": [
      { code: "wrong-type", expected: "object", got: "list" },
      { code: "wrong-type", keyPath: "exempt", expected: "list", got: "object" },
      { code: "wrong-type", keyPath: "exempt[0]", expected: "exemption", got: "null" },
      { code: "wrong-type", keyPath: "exempt[0].reason", expected: "text", got: "number" },
      { code: "wrong-type", keyPath: "callers[0]", expected: "caller", got: "undefined" },
      { code: "wrong-type", keyPath: "account[0]", expected: "path", got: "unreadable" },
    ],
    "long-list": [{ code: "long-list", keyPath: "exempt", entries: 2000, read: 1000 }],
    "too-many-routes": [{ code: "too-many-routes", keyPath: "callers[0].routes", entries: 200, most: 100 }],
    missing: [{ code: "missing", keyPath: "exempt[0].reason" }],
    empty: [{ code: "empty", keyPath: "exempt[0].reason" }],
    "no-routes": [{ code: "no-routes", keyPath: "callers[0].routes" }],
    "not-a-date": [{ code: "not-a-date", keyPath: "exempt[0].until", given: "tomorrow" }],
    "not-a-route": [{ code: "not-a-route", keyPath: "callers[0].routes[0]", given: "/orders" }],
    "not-a-principal": [{ code: "not-a-principal", keyPath: at, given: "a b" }],
    "session-principal": [
      { code: "session-principal", keyPath: at, given: "arn:aws:sts::1:assumed-role/app/s" },
    ],
    "not-an-iam-principal": [{ code: "not-an-iam-principal", keyPath: at, given: "arn:aws:s3:::bucket" }],
    "not-a-mode": [
      { code: "not-a-mode", keyPath: "whenUnknown", given: "guess" },
      { code: "not-a-mode", keyPath: "whenUnknown", given: { kind: "object" } },
    ],
    "unknown-key": [
      { code: "unknown-key", keyPath: "whenUnkown", nearest: "whenUnknown" },
      { code: "unknown-key", keyPath: "other" },
    ],
    "expired-exemption": [{ code: "expired-exemption", resource: "caller", until: "2020-01-01" }],
    "unused-exemption": [{ code: "unused-exemption", resource: "caller" }],
    more: [{ code: "more", count: 3 }],
  },
  showConfigurationProblem,
);
