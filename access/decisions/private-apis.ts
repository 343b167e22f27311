import type { Api } from "../../stack";
import type { Access } from "./access";

/**
 * Whether an API is private and certainly has no resource policy: an unknown body may contain one.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
 */
export function isClosedPrivateApi(access: Access, api: Api): boolean {
  return (
    api.private === "yes" &&
    !api.external &&
    api.policies.length === 0 &&
    access.routes.ofApi(api).every((route) => route.unknownBody === undefined)
  );
}
