// The path to one article, of the entries that stand in the lists of the page; ?to=<id> chooses it from elsewhere.
"use strict";
(() => {
  const box = document.querySelector(".bagu-target");
  if (!box) return;
  const paths = JSON.parse(box.querySelector("script").textContent);
  const [select, list, sum] = ["select", "ol", "output"].map((name) => box.querySelector(name));
  const entry = (id) => document.querySelector(`.bagu-path > li[data-id="${id}"]`);

  function show() {
    const entries = (paths[select.value] ?? []).map((id) => entry(id).cloneNode(true));
    const minutes = entries.reduce((total, item) => total + Number(item.dataset.minutes ?? 0), 0);
    sum.textContent = entries.length ? `${entries.length} 步，已写的约 ${minutes} 分钟` : "";
    list.replaceChildren(...entries);
  }
  const wanted = new URLSearchParams(location.search).get("to");
  if (wanted in paths) select.value = wanted;
  box.hidden = false;
  select.addEventListener("change", () => {
    history.replaceState(null, "", select.value ? `?to=${select.value}` : location.pathname);
    show();
  });
  show();
})();
