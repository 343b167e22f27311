/** Facts about AWS that several folders need. This folder imports nothing and knows no values of a stack. */
export * from "./actions";
export * from "./http-methods";
export * from "./invocation-uris";
export * from "./partitions";
export * from "./service-actions";
export * from "./services";
