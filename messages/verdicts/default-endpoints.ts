import type { Api, DisabledEndpoint } from "../../stack";
import type { Description } from "../description";
import { printable } from "../printable";
import { list } from "../text";

const PAGES: Readonly<Record<Api["kind"], string>> = {
  REST: "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html",
  HTTP: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-disable-default-endpoint.html",
  WEBSOCKET:
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-disable-default-endpoint.html",
};

/** An API that only custom domains reach, where the stack has none or calls the default endpoint. */
export function describeDisabledEndpoint({ api, hasDomain, usedBy }: DisabledEndpoint): Description {
  const name = printable(api.name);
  const users = list(usedBy.map(({ label }) => printable(label)).sort());
  const probably = usedBy.length > 0 && usedBy.every(({ inferredFrom }) => inferredFrom.length > 0);
  const noDomain = `no custom domain of this stack maps to API ${name}`;
  return {
    finding:
      usedBy.length > 0
        ? `${users} ${probably ? "probably " : ""}${usedBy.length > 1 ? "call" : "calls"} API ${name} at its default endpoint, which is disabled${hasDomain ? "" : `; and ${noDomain}`}`
        : `${noDomain}, and its default endpoint is disabled: unless another stack maps a domain to it, it cannot be called`,
    explanation: `with disableExecuteApiEndpoint, clients can call an API only at its custom domains (${PAGES[api.kind]}).`,
    ...(api.kind === "REST"
      ? { symptom: "The default endpoint returns 403 Forbidden for every request, even a signed one." }
      : {}),
    evidence: [],
    fix: {
      text: hasDomain
        ? "call the API at its custom domain, or remove disableExecuteApiEndpoint from the API."
        : `map a custom domain to the API (${
            api.kind === "REST" ? "DomainName and BasePathMapping" : "DomainName and ApiMapping"
          }), or remove disableExecuteApiEndpoint from the API.`,
    },
  };
}
