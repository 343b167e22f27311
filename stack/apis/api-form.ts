import type { Text } from "../../iam";
import type { Api, Authorizer, Route, Stage } from "../facts";
import type { ReadableResource } from "../pulumi/properties";

/** The APIs of a stack in one form, such as a REST API or an OpenAPI document. */
export interface ApiForm {
  readonly apis: readonly Api[];
  readonly routes: readonly Route[];
  readonly authorizers: readonly Authorizer[];
  /** The API (and part of it) that a planned resource belongs to. */
  partOf(planned: ReadableResource): ApiPart | undefined;
  stagesOf(api: Api): readonly Stage[];
}

/** A part of an API that a value depends on. */
export interface ApiPart {
  readonly api: Api;
  readonly stage?: Text;
  /** A path template, with braces. */
  readonly path?: Text;
  readonly verb?: string;
  /** A route key of a WebSocket API. */
  readonly routeKey?: string;
  /** The id of an authorizer. */
  readonly authorizer?: Text;
}
