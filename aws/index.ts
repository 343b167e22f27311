/** Facts about AWS that several folders need. This folder has no imports and does not depend on a stack. */
export * from "./actions";
export * from "./http-methods";
export * from "./invocation-uris";
export * from "./partitions";
export * from "./service-actions";
export * from "./services";
export * from "./unique-ids";
