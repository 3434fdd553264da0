/** Finds the batch size with which a batch takes about as long as it should. */
export interface Servo {
  /** The size of the next batch. */
  readonly size: number;
  /** Takes the size that an operator has set; from then on it stays. */
  fix(size: number): void;
  /** Whether batches are small because one of the next sessions fails. */
  readonly isSearching: boolean;
  /** Tells how long a batch of `size` took. */
  note(size: number, ms: number): void;
  /** Tells that a batch of `size` failed: one of its sessions does, and halves of it are tried until that one is left. */
  failed(size: number): void;
  /** Tells that the session that fails was found. */
  found(): void;
}

const leastSize = 10;
const mostSize = 100_000;
const remembered = 10;
/** A size never grows by more in one step: one lucky batch says little. */
const mostGrowth = 1.5;
/** A batch that takes so many times its target shrinks the next one at once. */
const panic = 5;

/**
 * Starts with `first`; with `isFixed` the operator has chosen it. The rule is Spirit's: of the last ten batches the 90th
 * percentile of the time a session took decides, growth is bounded, shrinking is not.
 */
export function servoOf(first: number, isFixed: boolean, targetMs: () => number): Servo {
  let size = first;
  let fixed = isFixed ? first : undefined;
  let costs: number[] = [];
  /** How many of the next sessions hold one that fails. A half that goes well leaves the other: log2 of them find it. */
  let suspects: number | undefined;
  return {
    get size() {
      return suspects === undefined ? size : Math.max(1, Math.floor(suspects / 2));
    },
    get isSearching() {
      return suspects !== undefined;
    },
    fix: (chosen) => {
      fixed = chosen;
      size = chosen;
    },
    note: (done, ms) => {
      // Small batches say nothing of what a session costs in a large one.
      if (suspects !== undefined) {
        suspects = suspects > done ? suspects - done : undefined;
        return;
      }
      const target = targetMs();
      costs = [...costs.slice(1 - remembered), ms / done];
      if (fixed !== undefined) {
        size = Math.min(fixed, Math.max(1, done) * 2);
        return;
      }
      const sorted = [...costs].sort((a, b) => a - b);
      const cost = ms > panic * target ? ms / done : (sorted[Math.floor((sorted.length - 1) * 0.9)] ?? 0);
      const wanted = cost > 0 ? target / cost : mostSize;
      const most = done < leastSize ? done * 2 : done * mostGrowth;
      size = Math.max(
        Math.min(leastSize, done * 2),
        Math.min(mostSize, Math.floor(most) + 1, Math.floor(wanted)),
      );
    },
    failed: (tried) => {
      suspects = tried;
    },
    found: () => {
      suspects = undefined;
    },
  };
}
