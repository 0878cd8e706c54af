// The icicle graph: boxes as elements, so that they can be read, walked and printed; only those wide enough to see.
(() => {
  const graph = document.getElementById("flame");
  if (!graph) return;
  const { frames, boxes, whole } = JSON.parse(document.getElementById("flame-data").textContent);
  const detail = document.getElementById("flame-detail");
  const search = document.getElementById("flame-search");
  const [PARENT, FRAME, WEIGHT] = [0, 1, 2];
  const [NAME, PLACE, KIND, ANCHOR, SAID] = [0, 1, 2, 3, 4];
  const ROW = 21, LEAST = 2, MILLION = 1e6;

  const count = boxes.length;
  const start = new Float64Array(count), depth = new Int32Array(count), next = new Float64Array(count);
  const children = Array.from({ length: count }, () => []);
  const roots = [];
  let rootEnd = 0;
  for (let i = 0; i < count; i++) {
    const [parent, , weight] = boxes[i];
    if (parent < 0) {
      start[i] = rootEnd;
      rootEnd += weight;
      roots.push(i);
    } else {
      start[i] = next[parent];
      next[parent] += weight;
      depth[i] = depth[parent] + 1;
      children[parent].push(i);
    }
    next[i] = start[i];
  }

  let top = -1;            // the box that fills the width, -1 for the whole program
  let shown = new Map();   // box -> element
  const words = () => search.value.trim().toLowerCase();

  const share = (weight) => {
    const percent = weight / MILLION * 100;
    return percent < 0.5 ? "<1 %" : `${percent.toFixed(0)} %`;
  };
  function time(weight) {
    if (!whole) return "";
    const seconds = weight / MILLION * whole;
    if (seconds >= 1) return `, ${seconds.toFixed(1)} s`;
    return seconds >= 1e-3 ? `, ${(seconds * 1e3).toFixed(0)} ms` : `, ${(seconds * 1e6).toFixed(0)} us`;
  }
  function described(box) {
    const [, frame, weight] = boxes[box];
    const [name, place, , , said] = frames[frame];
    return `${name}${place ? `, ${place}` : ""}: ${share(weight)}${time(weight)}${said ? `; ${said}` : ""}`;
  }

  function inView() {
    const from = top < 0 ? 0 : start[top], span = top < 0 ? Math.max(rootEnd, MILLION) : boxes[top][WEIGHT];
    const least = span * LEAST / Math.max(graph.clientWidth, 320);
    const found = [];
    for (let up = top; up >= 0; up = boxes[up][PARENT]) found.push([up, 0, 1]);
    found.reverse();
    const open = top < 0 ? [...roots] : [...children[top]];
    while (open.length) {
      const box = open.pop(), weight = boxes[box][WEIGHT];
      if (weight < least) continue;
      found.push([box, (start[box] - from) / span, weight / span]);
      open.push(...children[box]);
    }
    return found;
  }

  function elementOf(box) {
    const element = document.createElement("div");
    const [name, , kind] = frames[boxes[box][FRAME]];
    element.textContent = name;
    element.className = kind;
    element.dataset.box = box;
    element.setAttribute("role", "treeitem");
    element.setAttribute("aria-level", depth[box] + 1);
    element.setAttribute("aria-label", described(box));
    element.tabIndex = -1;
    return element;
  }

  function draw(focus) {
    const found = inView(), before = shown, fresh = document.createDocumentFragment();
    shown = new Map();
    let deepest = 0;
    for (const [box, left, width] of found) {
      const element = before.get(box) || elementOf(box);
      element.style.cssText = `left:${left * 100}%;width:${width * 100}%;top:${depth[box] * ROW}px`;
      element.classList.toggle("thin", width * graph.clientWidth < 24);
      element.classList.toggle("passed", top >= 0 && depth[box] < depth[top]);
      deepest = Math.max(deepest, depth[box]);
      shown.set(box, element);
      fresh.append(element);
    }
    graph.replaceChildren(fresh);
    graph.style.height = `${(deepest + 1) * ROW + 1}px`;
    mark();
    const target = shown.get(focus) ?? graph.firstElementChild;
    if (target) target.tabIndex = 0;
    if (focus !== undefined && target) target.focus({ preventScroll: false });
  }

  function mark() {
    const wanted = words();
    graph.classList.toggle("searching", Boolean(wanted));
    let found = 0, weight = 0;
    if (wanted) {
      const hit = frames.map((frame) => `${frame[NAME]} ${frame[PLACE]}`.toLowerCase().includes(wanted));
      for (const [box, element] of shown) element.classList.toggle("found", hit[boxes[box][FRAME]]);
      const inside = new Uint8Array(count);   // below a box that was counted already
      for (let i = 0; i < count; i++) {
        const parent = boxes[i][PARENT];
        inside[i] = parent >= 0 && inside[parent];
        if (!hit[boxes[i][FRAME]]) continue;
        found++;
        if (!inside[i]) weight += boxes[i][WEIGHT];
        inside[i] = 1;
      }
      detail.textContent = `${found} boxes, ${share(weight)} of the program${time(weight)}`;
    } else {
      detail.textContent = "";
    }
  }

  function tell(box) {
    const anchor = frames[boxes[box][FRAME]][ANCHOR];
    detail.textContent = described(box);
    if (anchor) {
      const link = document.createElement("a");
      link.href = `#${anchor}`;
      link.textContent = "to its advice";
      detail.append(" · ", link);
    }
  }
  function zoom(box) {
    top = box;
    draw(box < 0 ? roots[0] : box);
    if (box >= 0) tell(box);
  }
  function beside(box, step) {
    const parent = boxes[box][PARENT];
    const family = (parent < 0 ? roots : children[parent]).filter((one) => shown.has(one));
    return family[family.indexOf(box) + step];
  }
  function go(box) {
    const element = shown.get(box);
    if (!element) return;
    graph.querySelector("[tabindex='0']")?.setAttribute("tabindex", "-1");
    element.tabIndex = 0;
    element.focus();
  }

  const boxOf = (event) => event.target.dataset?.box === undefined ? -1 : Number(event.target.dataset.box);
  graph.addEventListener("click", (event) => { if (boxOf(event) >= 0) zoom(boxOf(event)); });
  graph.addEventListener("focusin", (event) => { if (boxOf(event) >= 0) tell(boxOf(event)); });
  graph.addEventListener("pointerover", (event) => { if (boxOf(event) >= 0 && !words()) tell(boxOf(event)); });
  graph.addEventListener("keydown", (event) => {
    const box = boxOf(event);
    if (box < 0) return;
    const moves = {
      ArrowRight: () => go(beside(box, 1)),
      ArrowLeft: () => go(beside(box, -1)),
      ArrowUp: () => go(boxes[box][PARENT]),
      ArrowDown: () => go(children[box].find((one) => shown.has(one))),
      Home: () => go([...shown.keys()][0]),
      Enter: () => zoom(box),
      " ": () => zoom(box),
      Escape: () => zoom(top < 0 ? -1 : boxes[top][PARENT]),
    };
    if (moves[event.key] && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      moves[event.key]();
    }
  });
  search.addEventListener("input", mark);
  document.getElementById("flame-reset").addEventListener("click", () => { search.value = ""; zoom(-1); });
  let width = graph.clientWidth, pending = 0;
  new ResizeObserver(() => {
    if (graph.clientWidth === width) return;
    width = graph.clientWidth;
    cancelAnimationFrame(pending);
    pending = requestAnimationFrame(() => draw());
  }).observe(graph);
  draw();
})();
