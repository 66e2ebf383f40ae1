// `oidc-provider` ships no types.
declare module "oidc-provider";
