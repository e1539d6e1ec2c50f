export { checkFocus } from "#lib/sources/focus/check.ts";
export { planFocus } from "#lib/sources/focus/plan.ts";
export { readFocusSlice, type ReadSliceOptions } from "#lib/sources/focus/read-slice.ts";
export { focusSpec, type FocusSpec } from "#lib/sources/focus/spec.ts";
export { readFocusLineItems, readFocusResources, type LineItemOptions } from "#lib/sources/focus/line-items.ts";
