/**
 * Does `work` for each item, in order, so many at once. Where one throws the others end theirs, nothing more is begun, and that
 * error is thrown; `goesOn` is asked before each item.
 */
export async function inLanes<T>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    try {
      while (goesOn()) {
        const item = queue.shift();
        if (item === undefined) return;
        await work(item);
      }
    } catch (error) {
      queue.length = 0;
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: size }, lane));
  const failed = ended.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
