// Ticks show the assertion behind a sentence, concepts their definition, on hover and focus; this places the box inside
// the window, lets a finger open it before it follows the link, and opens a folded program whose line is the target.
"use strict";
(() => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "搜索"); // a dialog without a name, in the theme

  const GAP = 8;
  const TIPPED = ".bagu-proven, .bagu-concept";
  let open = null; // the .bagu-proven or .bagu-concept whose tooltip shows
  let tip = null;

  // A concept carries its definition in `title`, which the browser would show a second time beside the box.
  function define(concept) {
    const box = document.createElement("bagu-tip");
    box.id = "concept-tip";
    box.setAttribute("role", "tooltip");
    box.append(Object.assign(document.createElement("span"), { textContent: concept.title }));
    if (concept.href) {
      box.append(Object.assign(document.createElement("span"), { className: "bagu-again", textContent: "再点一次，打开" }));
    }
    concept.dataset.title = concept.title;
    concept.removeAttribute("title");
    concept.setAttribute("aria-describedby", box.id);
    return box;
  }

  // The tooltip moves to the end of the body while it shows: inside the text it would be clipped, since what is
  // outside the window isn't laid out (content-visibility), which contains whatever stands in it.
  function place(proven) {
    const tick = proven.querySelector(".bagu-tick") ?? proven;
    if (open !== proven) {
      hide();
      tip = tick === proven ? define(proven) : document.getElementById(tick.getAttribute("aria-describedby"));
      open = proven;
    }
    document.body.append(tip);
    tip.classList.add("bagu-open");
    tip.style.left = tip.style.top = "0";
    const box = tick.getClientRects()[0] ?? tick.getBoundingClientRect(); // the first line of a term in two
    const size = tip.getBoundingClientRect();
    const left = Math.min(box.left - size.width / 2, window.innerWidth - size.width - GAP);
    const below = box.bottom + GAP / 2;
    const top = below + size.height + GAP > window.innerHeight ? box.top - size.height - GAP / 2 : below;
    tip.style.left = `${Math.max(GAP, left)}px`;
    tip.style.top = `${Math.max(GAP, top)}px`;
  }

  function hide() {
    if (!open) return;
    tip.classList.remove("bagu-open");
    if (open.dataset.title) {
      open.title = open.dataset.title;
      delete open.dataset.title;
      open.removeAttribute("aria-describedby");
      tip.remove();
    } else {
      open.append(tip);
    }
    open = tip = null;
  }

  const proven = (event) => (event.target instanceof Element ? event.target.closest(TIPPED) : null);
  const inTip = (event) => tip !== null && event.target instanceof Node && tip.contains(event.target);
  let touched = false;

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || inTip(event)) return;
    const hit = proven(event);
    if (hit) place(hit);
    else if (!open?.contains(document.activeElement)) hide();
  });
  document.addEventListener("focusin", (event) => {
    const hit = proven(event);
    if (hit && !touched) place(hit);
    else if (!hit) hide();
  });
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType !== "mouse";
  });
  document.addEventListener(
    "click",
    (event) => {
      const hit = proven(event);
      if (!hit) return inTip(event) ? undefined : hide();
      if (touched && open !== hit) {
        event.preventDefault();
        place(hit);
      } else if (event.target.closest(".bagu-tick, .bagu-concept")) {
        hide();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  // Scrolling moves the tick away from its box; going to one by keyboard scrolls to it first.
  const held = () => open.contains(document.activeElement) || open.matches(":hover");
  const follow = () => open && (held() ? place(open) : hide());
  document.addEventListener("scroll", follow, { passive: true, capture: true });

  // Line numbers come from CSS, so the text of a listing is the program and nothing else.
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest(".bagu-copy");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.nextElementSibling.textContent);
      button.textContent = "已复制";
    } catch {
      getSelection().selectAllChildren(button.nextElementSibling);
      button.textContent = "已选中，请按 Ctrl+C";
    }
    setTimeout(() => (button.textContent = "复制"), 1500);
  });

  // The list of questions narrows down; without script it is simply whole.
  const filter = document.querySelector(".bagu-filter");
  if (filter) {
    const rows = [...document.querySelectorAll(".bagu-topic li")];
    const narrow = () => {
      const written = filter.elements.written.checked;
      const level = Number(filter.elements.level.value);
      const often = Number(filter.elements.often.value);
      for (const row of rows) {
        const d = Number(row.dataset.d);
        row.hidden = (written && !d) || (level && d !== level) || Number(row.dataset.f) < often;
      }
      for (const topic of document.querySelectorAll(".bagu-topic")) {
        topic.hidden = !topic.querySelector("li:not([hidden])");
      }
      for (const part of document.querySelectorAll(".md-content h2")) {
        let at = part.nextElementSibling;
        let empty = true;
        for (; at && at.tagName !== "H2"; at = at.nextElementSibling) empty = empty && at.hidden;
        part.hidden = empty;
      }
      filter.querySelector("output").textContent = `${rows.filter((row) => !row.hidden).length} 题`;
    };
    filter.addEventListener("change", narrow);
    filter.addEventListener("submit", (event) => event.preventDefault());
    narrow();
  }

  // A line, a block or a reference may be the target while its details are folded.
  function reveal() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    let folded = false;
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) {
      folded = folded || !at.open;
      at.open = true;
    }
    if (folded || target.classList.contains("bagu-l")) target.scrollIntoView({ block: "center" });
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // The theme's script serves what a reader does (search, drawer, colours, contents that follow), and takes a tenth of a
  // second of a phone's only thread to start. So it is fetched when there is nothing else to do, and starts with the
  // first movement, key or touch. It begins at DOMContentLoaded, which has been by then, so it is told again, and so are
  // the keys and switches that it came too late for.
  const theme = document.getElementById("bagu-theme");
  const SIGNS = ["pointermove", "pointerdown", "touchstart", "wheel", "scroll", "keydown", "focusin", "change"];
  const missed = new Map();
  const note = (event) => missed.set(event.target, event);
  function start() {
    for (const sign of SIGNS) removeEventListener(sign, start, { capture: true });
    const script = document.createElement("script");
    script.src = theme.src;
    script.onload = () => {
      document.dispatchEvent(new Event("DOMContentLoaded"));
      for (const type of ["keydown", "change"]) removeEventListener(type, note, { capture: true });
      for (const [target, event] of missed) target.dispatchEvent(new event.constructor(event.type, event));
    };
    theme.replaceWith(script);
  }
  for (const type of ["keydown", "change"]) addEventListener(type, note, { capture: true });
  for (const sign of SIGNS) addEventListener(sign, start, { capture: true, passive: true });
  const begun = location.search || scrollY || document.activeElement !== document.body;
  if (begun) start();
  else if (location.protocol !== "file:") {
    const idle = window.requestIdleCallback ?? setTimeout;
    const link = Object.assign(document.createElement("link"), { rel: "prefetch", as: "script", href: theme.src });
    addEventListener("load", () => idle(() => document.head.append(link)), { once: true });
  }
})();
