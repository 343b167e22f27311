export { buildReport } from "./build";
export { judge } from "./judge";
