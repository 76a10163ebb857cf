/** What is said of the selected point of a map is given this. */
export interface SelectedPoint {
  index: number;
  /** The nearest points, nearest first. */
  neighbours: number[];
  /** Selects another point. */
  onselect: (index: number) => void;
  /** Brings a point to the middle of the map. */
  onlocate: (index: number) => void;
  onclose: () => void;
}
