// The map: zoom by buttons, Ctrl + wheel or two fingers; pan by scrolling or dragging; arrow keys go to the question
// that lies nearest in their direction. Without script it scrolls and its links work.
"use strict";
(() => {
  const canvas = document.querySelector(".bagu-canvas");
  const svg = canvas?.querySelector("svg");
  if (!svg) return;
  const whole = svg.viewBox.baseVal;
  const nodes = [...svg.querySelectorAll(".node")];
  let zoom = 1;

  // The point under (x, y), in pixels from the canvas's corner, stays where it is.
  function scale(to, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
    const next = Math.min(3, Math.max(0.2, to));
    const left = ((canvas.scrollLeft + x) / zoom) * next - x;
    const top = ((canvas.scrollTop + y) / zoom) * next - y;
    zoom = next;
    svg.style.width = `${whole.width * zoom}px`;
    svg.style.height = `${whole.height * zoom}px`;
    canvas.scrollTo(left, top);
  }
  const fit = () => canvas.clientWidth / whole.width;

  const bar = document.querySelector(".bagu-zoom");
  bar.hidden = false;
  bar.addEventListener("click", (event) => {
    const way = event.target.closest("button")?.dataset.zoom;
    if (way) scale({ in: zoom * 1.25, out: zoom / 1.25, fit: fit() }[way]);
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const box = canvas.getBoundingClientRect();
      scale(zoom * Math.exp(-event.deltaY / 300), event.clientX - box.left, event.clientY - box.top);
    },
    { passive: false },
  );

  const fingers = new Map();
  let moved = 0;
  const gap = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  };
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    moved = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 2) {
      const old = gap();
      fingers.set(event.pointerId, event);
      const [a, b] = [...fingers.values()];
      const box = canvas.getBoundingClientRect();
      scale((zoom * gap()) / old, (a.clientX + b.clientX) / 2 - box.left, (a.clientY + b.clientY) / 2 - box.top);
    } else if (event.pointerType === "mouse") {
      moved += Math.abs(event.movementX) + Math.abs(event.movementY);
      canvas.scrollBy(before.clientX - event.clientX, before.clientY - event.clientY);
      fingers.set(event.pointerId, event);
    }
  });
  for (const name of ["pointerup", "pointercancel"]) {
    window.addEventListener(name, (event) => fingers.delete(event.pointerId));
  }
  canvas.addEventListener("dragstart", (event) => event.preventDefault());
  canvas.addEventListener("click", (event) => moved > 4 && event.preventDefault(), true); // a drag is no click

  const middle = (node) => {
    const box = node.querySelector("rect").getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  };
  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  canvas.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    const here = document.activeElement.closest(".node");
    if (!way || !here || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const [x, y] = middle(here);
    let best = null;
    let least = Infinity;
    for (const node of nodes) {
      const [dx, dy] = [middle(node)[0] - x, middle(node)[1] - y];
      const along = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (along > 1 && along + 2 * aside < least) [best, least] = [node, along + 2 * aside];
    }
    best?.focus();
    best?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  // What a question needs and what needs it stand out while it is pointed at or has the focus.
  function light(node) {
    for (const lit of svg.querySelectorAll(".lit")) lit.classList.remove("lit");
    svg.classList.toggle("lighting", Boolean(node));
    if (!node) return;
    const near = new Set([node.dataset.id]);
    for (const edge of svg.querySelectorAll(".edges path")) {
      const { from, to } = edge.dataset;
      if (from !== node.dataset.id && to !== node.dataset.id) continue;
      edge.classList.add("lit");
      near.add(from).add(to);
    }
    for (const other of nodes) other.classList.toggle("lit", near.has(other.dataset.id));
  }
  const node = (event) => (event.target instanceof Element ? event.target.closest(".node") : null);
  canvas.addEventListener("pointerover", (event) => event.pointerType === "mouse" && light(node(event)));
  canvas.addEventListener("pointerleave", () => light(document.activeElement.closest?.(".bagu-canvas .node")));
  canvas.addEventListener("focusin", (event) => light(node(event)));
  canvas.addEventListener("focusout", () => light(null));

  scale(fit() > 0.75 ? fit() : 0.9, 0, 0); // whole where that can be read
})();
