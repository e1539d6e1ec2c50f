/** A team as the directory knows it now. */
export type TeamView = { key: string; name: string; businessUnitName: string; costCentre: string };
