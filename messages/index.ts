/** All that the pack says in English about what was decided: descriptions, evidence, unknowns, and what to paste. */
export { type Description, turnOff, violation, WHOSE_RULE } from "./description";
export { change, evidence } from "./evidence";
export {
  authorizerPermission,
  callFix,
  type Fix,
  fixText,
  holderOf,
  invokeFix,
  routePermission,
  urlPermissions,
} from "./fixes";
export { questionOf, showFunction, showFunctionTarget, showRoutes, whoOf } from "./names";
export { list, message, page, pageUrl, REPOSITORY } from "./text";
export { inference, resolutions, showDoubt, showDoubts } from "./unknowns";
