const HOUR_MS = 3_600_000;

/** How long a look at a cluster speaks: two of the hours in which it is looked at. */
export const CLUSTER_GOOD_FOR_MS = 2 * HOUR_MS;

/** Organisations are read every six hours. */
export const ACCOUNTS_GOOD_FOR_MS = 12 * HOUR_MS;

/** People are judged with the directory and with every cluster, which is every hour; a day without either is a gap. */
export const PEOPLE_GOOD_FOR_MS = 24 * HOUR_MS;
