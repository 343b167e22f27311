export { buildReport } from "./build";
export { judge } from "./judge";
export { possibleParts } from "./missing-parts";
