/** A framework to choose. */
export type FrameworkChoice = {
  id: string;
  name: string;
  version: string;
  publisher: string;
  controls: number;
  /** Controls that no rule speaks for. */
  manualControls: number;
};
