/** All that the pack says in English about what was decided: descriptions, evidence, unknowns, and what to paste. */

export { deploymentFix } from "./deployment-fix";
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
  writtenFix,
} from "./fixes";
export {
  type Language,
  type LanguageOf,
  languageOfRuntime,
  writeExample,
  writerOf,
} from "./languages";
export { questionOf, showFunction, showFunctionTarget, showRoute, showRoutes, whoOf } from "./names";
export { argument, type Phrase } from "./snippets";
export { showTargetName } from "./subjects";
export { list, message, page, pageUrl, REPOSITORY } from "./text";
export { inference, resolutions, showUnknown, showUnknowns } from "./unknowns";
