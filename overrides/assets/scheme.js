// What the theme's script would set first, without waiting for it: the colours and the button that changes them.
(() => {
  const inputs = [...document.querySelectorAll("input[name=__palette]")];
  const kept = __md_get("__palette");
  const input = inputs[kept ? kept.index : inputs.findIndex((one) => matchMedia(one.dataset.mdColorMedia).matches)];
  if (!input) return;
  input.checked = true;
  if (input.nextElementSibling) input.nextElementSibling.hidden = false;
  if (kept) return; // the theme's own line has set these
  for (const name of ["media", "scheme", "primary", "accent"]) {
    const attribute = `data-md-color-${name}`;
    document.body.setAttribute(attribute, input.getAttribute(attribute));
  }
})();
