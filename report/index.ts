export { buildReport } from "./build";
export { driftEntries } from "./drift";
export { possibleParts } from "./missing-parts";
