// Runs before Material's bundle, which would fetch an index and start its worker with every page.
(() => {
  const form = document.forms.namedItem("search");
  if (!form) return;
  const box = form.elements.query;
  const Native = window.Worker;
  form.removeAttribute("name"); // the bundle fetches an index where it finds a form of this name; our worker has its own

  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      window.Worker = Native;
      if (document.activeElement === box) this.start(url);
      else box.addEventListener("focus", () => this.start(url), { once: true });
    }
    start(url) {
      this.worker = new Native(url);
      this.worker.addEventListener("message", ({ data }) => {
        this.dispatchEvent(new MessageEvent("message", { data }));
        if (data.data) propose(data.data);
      });
      this.worker.addEventListener("error", () => {
        document.querySelector(".md-search-result__meta").textContent = "搜索没能加载，刷新页面再试";
      });
    }
    postMessage(message) {
      this.worker?.postMessage(message);
    }
  };

  // Material listens to keys alone; what is pasted, dictated or composed comes without.
  const typed = () => box.dispatchEvent(new KeyboardEvent("keyup"));
  box.addEventListener("input", (event) => event.isComposing || typed());

  // Where nothing is found: what is near it, and all there is.
  const proposals = Object.assign(document.createElement("p"), { className: "bagu-proposals" });
  function propose({ items, suggest = [] }) {
    document.querySelector(".md-search-result__meta").after(proposals);
    proposals.replaceChildren();
    if (items.length || !box.value.trim()) return;
    for (const name of suggest) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      button.onclick = () => {
        box.value = name;
        box.focus();
        typed();
      };
      proposals.append(button);
    }
    const { base } = JSON.parse(document.getElementById("__config").textContent);
    proposals.append(Object.assign(document.createElement("a"), { href: `${base}/questions.html`, textContent: "全部题目" }));
  }
})();
