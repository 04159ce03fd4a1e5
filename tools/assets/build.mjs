// Copies what Karya uses of its npm packages into webapp/static/vendor: the font, htmx, and one sprite of the
// icons named in icons.txt (Lucide's, and our own brand mark). Run by vendor.sh.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "..", "..", "webapp", "static", "vendor");
mkdirSync(vendor, { recursive: true });

copyFileSync(
  join(modules, "@fontsource-variable/plus-jakarta-sans/files/plus-jakarta-sans-latin-wght-normal.woff2"),
  join(vendor, "plus-jakarta-sans.woff2"),
);
copyFileSync(join(modules, "htmx.org/dist/htmx.min.js"), join(vendor, "htmx.min.js"));

const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter(Boolean);
const inner = (svg) => svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "")
  .replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
const symbol = (id, svg) =>
  `<symbol id="${id}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" ` +
  `stroke-linecap="round" stroke-linejoin="round">${inner(svg)}</symbol>`;
const missing = names.filter((name) => !existsSync(join(modules, "lucide-static/icons", `${name}.svg`)));
if (missing.length) {
  console.error(`not in lucide-static: ${missing.join(", ")}`);
  process.exit(1);
}
const symbols = [symbol("karya", readFileSync(join(here, "own/karya.svg"), "utf8"))].concat(
  names.map((name) => symbol(name, readFileSync(join(modules, "lucide-static/icons", `${name}.svg`), "utf8"))),
);
writeFileSync(
  join(vendor, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`,
);
console.log(`vendored the font, htmx and ${symbols.length} icons`);
