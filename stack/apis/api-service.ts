import { API_GATEWAY_APIS, type ApiService } from "../../aws";
import type { Api } from "../facts";

/** The service that serves an API: API Gateway, unless its form defines another one. */
export function serviceOf({ service = API_GATEWAY_APIS }: Pick<Api, "service">): ApiService {
  return service;
}
