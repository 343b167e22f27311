export { ACCOUNT_COMMANDS, type AccountContent, readAccountFile } from "./commands";
export { type AccountData, type AccountFile, accountData } from "./data";
export { type Drift, driftOf, type Existing } from "./drift";
export { withDates } from "./evidence-dates";
export { type ReadFile, readFile, warningsOf } from "./files";
export type { AccountProblem } from "./problems";
export { principalsNaming, relevantTo } from "./relevant";
export { type AccountResource, isOfAccount } from "./resource";
