// Asking again and again, for pages that show what others do. Importing it does nothing by itself.

const SLOWEST = 160_000;

/** Ask again and again: every `seconds` while the page is seen, at doubling distances, `slowest` milliseconds at most, while
 * it is not or nothing answers. */
export function repeat(seconds, ask, { whileHidden = true, slowest = SLOWEST } = {}) {
  let wait = seconds * 1000;
  let timer = 0;
  async function turn() {
    clearTimeout(timer);
    let well = true;
    if (whileHidden || !document.hidden) {
      try {
        well = await ask();
      } catch {
        well = false;
      }
    }
    wait = document.hidden || !well ? Math.min(wait * 2, slowest) : seconds * 1000;
    timer = setTimeout(turn, wait);
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) turn();
  });
  turn();
}
