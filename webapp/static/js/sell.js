// A sale in ten seconds: the product's price times the quantity, unless somebody typed the amount; one more, one less.
// Without this file the same form works: an empty amount is the price times the quantity.

const form = document.querySelector("[data-sell]");

function dots(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ".");
}

if (form) {
  const { quantity, value_rupiah: value, product_id: product } = form.elements;
  const other = form.querySelector("[data-other]");
  let own = value.value !== "";

  function follow() {
    const price = Number(product?.selectedOptions[0]?.dataset.price ?? 0);
    const pieces = Number(quantity.value.replace(/\./g, "")) || 0;
    if (other && product) other.hidden = product.value !== "";
    if (!own) value.value = price && pieces ? dots(price * pieces) : "";
  }

  form.querySelectorAll("[data-step]").forEach((button) => {
    button.disabled = false;
    button.addEventListener("click", () => {
      const pieces = Number(quantity.value.replace(/\./g, "")) || 0;
      quantity.value = String(Math.max(1, pieces + Number(button.dataset.step)));
      follow();
    });
  });
  value.addEventListener("input", () => { own = value.value.trim() !== ""; });
  quantity.addEventListener("input", follow);
  product?.addEventListener("change", () => { own = false; follow(); });
  follow();
}
