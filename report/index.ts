export { buildIndexedReport, buildReport } from "./build";
export { driftEntries } from "./drift";
export { missingPluginEntries, possibleParts } from "./missing-parts";
