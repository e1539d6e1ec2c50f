/** The columns of charge_key besides key_no and hash, in the order in which they are hashed. */
export const KEY_COLUMNS = [
  "currency",
  "provider",
  "billing_account_id",
  "sub_account_id",
  "region_id",
  "service_category",
  "service_name",
  "charge_category",
  "environment",
  "tags",
  "resource_patterns",
] as const;
