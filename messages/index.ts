/** All English text about verdicts: descriptions, evidence, unknowns and fixes. */

export { showAccountProblem } from "./account-problems";
export { AWS_SERVES, CHANGES, INFERRED, showExemption, WHOSE_RULE } from "./answers";
export { commandFor, commandsFor } from "./commands";
export { type Description, disableAdvice, violation } from "./description";
export { changeAdvice, evidence } from "./evidence";
export { deploymentFix } from "./fixes/deployments";
export { type Fix, fixText, writtenFix } from "./fixes/fix";
export { authorizerPermission, routePermission, urlPermissions } from "./fixes/permissions";
export { callFix, invokeFix, principalName } from "./fixes/statements";
export { fixLead, showFix, type WrittenFix } from "./fixes/written-fix";
export { inference } from "./inference";
export {
  type Language,
  type LanguageOf,
  languageOfRuntime,
  writeExample,
  writerOf,
} from "./languages";
export { lintFix, lintMessage } from "./lint";
export {
  questionOf,
  requestQuestion,
  showFunction,
  showFunctionTarget,
  showPrincipal,
  showRoute,
  showRoutes,
  showTargetName,
} from "./names";
export { argument, type Phrase } from "./snippets";
export { list, message, page, pageUrl, REPOSITORY } from "./text";
export { resolutions, showUnknown, showUnknowns } from "./unknowns";
