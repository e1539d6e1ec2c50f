/** An organisational unit, or the root above them all. */
export type OrganizationUnit = {
  /** "r-ab12", "ou-ab12-c3d4e5f6". */
  unitId: string;
  /** Null for a root. */
  parentId: string | null;
  name: string;
  /** Names from the root down: "Root/Workloads/Prod". */
  path: string;
  /** As they are written; null where they may not be read. */
  tags: Record<string, string> | null;
};

/** Where an account stands: AWS's own states, or one that this version does not know. */
export type AccountState = "ACTIVE" | "SUSPENDED" | "PENDING_ACTIVATION" | "PENDING_CLOSURE" | "CLOSED" | (string & {});

export type InventoryAccount = {
  provider: "AWS";
  accountId: string;
  name: string;
  /** Address of the account's root user; '' where AWS does not tell it. */
  mail: string;
  state: AccountState;
  joinedAt: Date | null;
  /** "CREATED", "INVITED"; null where AWS does not tell it. */
  joinedMethod: string | null;
  unitId: string;
  /** As they are written; null where they may not be read. */
  tags: Record<string, string> | null;
  isManagement: boolean;
  /** Service principals that the account administers for the organisation; null where they may not be read. */
  delegatedServices: string[] | null;
};

/** An organisation as it stood when it was read. What is unknown is null and listed, and never reads as "none". */
export type OrganizationReading = {
  organizationId: string;
  managementAccountId: string;
  units: OrganizationUnit[];
  accounts: InventoryAccount[];
  /** What may not be read, with the action that is denied. */
  unknown: { what: string; action: string }[];
};
