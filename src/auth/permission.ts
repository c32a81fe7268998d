/**
 * What a caller may be allowed to do, each where it applies: `status` only to the whole collector, the others in a namespace or
 * everywhere. `read` is to see profiles and all that is derived of them, `snapAny` to snap pods that nobody opted in.
 */
export const permissions = ['read', 'upload', 'snap', 'snapAny', 'pause', 'reload', 'status'] as const;
export type Permission = (typeof permissions)[number];
