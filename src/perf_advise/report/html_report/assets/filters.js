// Narrows the findings down; functions that have none left go too.
(() => {
  const form = document.querySelector(".filters");
  if (!form) return;
  const articles = [...document.querySelectorAll("article")];
  const texts = new Map();
  const sections = [...document.querySelectorAll("section.function")];
  const textOf = (article) => {
    if (!texts.has(article)) {
      const title = article.closest("section").querySelector("h3").textContent;
      texts.set(article, `${title} ${article.textContent}`.toLowerCase());
    }
    return texts.get(article);
  };

  function apply() {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { kind, proof, code } = form.elements;
    let left = 0;
    for (const article of articles) {
      const shown =
        (!kind.value || article.dataset.kind === kind.value) &&
        (!proof.value || article.dataset.proof === proof.value) &&
        (!code.value || article.querySelector(".code-of-rule").textContent === code.value) &&
        words.every((word) => textOf(article).includes(word));
      article.classList.toggle("hidden", !shown);
      left += shown;
    }
    const filtered = left < articles.length;
    for (const section of sections) {
      section.classList.toggle("hidden", filtered && !section.querySelector("article:not(.hidden)"));
    }
    form.elements.length && (form.querySelector("output").value = filtered ? `${left} of ${articles.length}` : "");
  }
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
