export { buildReport } from "./build";
export { possibleParts } from "./missing-parts";
