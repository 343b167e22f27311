import type { Functions } from "../functions/functions";
import type { ResourceIndex } from "../pulumi/resource-index";
import type { ApiForm } from "./api-form";
import { readHttpApis } from "./http";
import { readRestApis } from "./rest";

/** Reads the APIs of one form in a stack. */
export type ReadApis = (resources: ResourceIndex, functions: Functions) => ApiForm;

/** Every form in which a stack can define APIs. */
export const API_FORMS: readonly ReadApis[] = [readRestApis, readHttpApis];

/** The APIs of several forms in one. */
export function combineForms(forms: readonly ApiForm[]): ApiForm {
  return {
    apis: forms.flatMap((form) => form.apis),
    routes: forms.flatMap((form) => form.routes),
    authorizers: forms.flatMap((form) => form.authorizers),
    partOf: (planned) => {
      for (const form of forms) {
        const part = form.partOf(planned);
        if (part !== undefined) return part;
      }
      return undefined;
    },
    stagesOf: (api) => forms.flatMap((form) => form.stagesOf(api)),
  };
}
