/** The relations of the database that a publication replaces, each with its columns in the order of the CSV file that it is loaded from. */
export const RELATION_COLUMNS = {
  cost_day:
    "slice_id, key_id, day, owner_id, pool_id, billed, effective, list, contracted, line_items, from_publication",
  cost_month: "slice_id, owner_id, key_id, pool_id, billed, effective, list, contracted, line_items",
  cost_day_account: "slice_id, day, key_id, owner_id, pool_id, billed, effective, list, contracted, line_items",
  cost_day_service: "slice_id, day, key_id, billed, effective, list, contracted, line_items",
} as const;
export type Relation = keyof typeof RELATION_COLUMNS;
