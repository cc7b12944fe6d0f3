// Search, in a worker that speaks Material's messages. The index (search/index.js, written while the site is built) is
// MiniSearch's; queries are cut by the rules that cut it (hooks/bagu/search.py: the same regular expressions, filled in
// from one table). Articles are found by the index; what a result shows of an article's sections is decided afterwards.
"use strict";
(() => {
  const { READY, QUERY, RESULT } = { READY: 1, QUERY: 2, RESULT: 3 }; // Material's types; it never sends 0, SETUP
  const RANKING = {
    boost: { title: 5, names: 5, summary: 2.5, heading: 1, text: 1, code: 0.3 },
    bm25: { k: 1.2, b: 0.1, d: 0.5 },
  };
  const HEADING = 0.5; // what a section's heading adds to its article's score
  const ASIDE = 0.5; // pages that answer no question
  const FAINT = 0.1; // of the best score: what is below isn't shown
  const SHOWN = { articles: 10, sections: 5, characters: 120, suggestions: 5 };

  class Terms {
    constructor(table) {
      this.simplified = new Map(Object.entries(table.simplified));
      this.dressed = new RegExp(`[^\\x00-\\x7f、。一-鿿]|[${Object.keys(table.simplified).join("")}]`, "gu");
      this.token = new RegExp(`[${table.han}]+|[${table.word}]+(?:(?:[-_]|\\.(?![0-9]))[${table.word}]+)*`, "gu");
      this.word = new RegExp(`[${table.word}]+`, "gu");
      this.hump = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/u;
      this.han = new RegExp(`^[${table.han}]`, "u");
      this.particles = new Set(table.split);
      this.folded = new Map();
    }

    // A character without marks, width and other dress, in simplified form; its case stays.
    foldOne(char) {
      let folded = char < "\x80" ? char : this.folded.get(char);
      if (folded === undefined) {
        const plain = [...char.normalize("NFKD")].filter((c) => !/\p{Mn}/u.test(c));
        folded = plain.map((c) => this.simplified.get(c) ?? c).join("");
        this.folded.set(char, folded);
      }
      return folded;
    }

    fold(text) {
      return text.replace(this.dressed, (char) => this.foldOne(char));
    }

    // [{term, start, end}] of a folded text.
    cut(text) {
      const found = [];
      let before = null; // the last word of one part
      for (const { 0: run, index } of text.matchAll(this.token)) {
        if (this.han.test(run)) this.cutHan(run, index, found);
        else {
          const parts = this.partsOf(run, index);
          const whole = { term: parts.map((part) => part.term).join(""), start: index, end: index + run.length };
          if (parts.length > 1) found.push(...parts.filter(({ term }) => [...term].length > 1));
          if (parts.length > 2) found.push(...parts.slice(1).map((part, n) => joined(parts[n], part)));
          found.push(whole);
          const single = parts.length === 1;
          if (single && before?.end === index - 1 && text[index - 1] === " ") found.push(joined(before, whole));
          before = single ? whole : null;
        }
      }
      return found;
    }

    cutHan(run, at, found) {
      const chars = [...run];
      if (chars.length === 1) found.push({ term: run, start: at, end: at + run.length });
      for (let n = 0; n + 1 < chars.length; n++) {
        const term = chars[n] + chars[n + 1];
        if (!this.particles.has(chars[n]) && !this.particles.has(chars[n + 1])) {
          found.push({ term, start: at, end: at + term.length });
        }
        at += chars[n].length;
      }
    }

    partsOf(run, index) {
      const parts = [];
      for (const { 0: chunk, index: inner } of run.matchAll(this.word)) {
        let start = index + inner;
        for (const part of chunk.split(this.hump)) {
          parts.push({ term: part.toLowerCase(), start, end: start + part.length });
          start += part.length;
        }
      }
      return parts;
    }

    of(text) {
      return this.cut(this.fold(text)).map(({ term }) => term);
    }

    // The folded text, and for each of its places the place in the text, one more for the end.
    foldWithPlaces(text) {
      const places = [];
      let folded = "";
      let at = 0;
      for (const char of text) {
        const one = this.foldOne(char);
        for (let n = 0; n < one.length; n++) places.push(at);
        folded += one;
        at += char.length;
      }
      places.push(at);
      return { folded, places };
    }
  }

  const joined = (a, b) => ({ term: a.term + b.term, start: a.start, end: b.end });
  const within = (a, b) => a !== b && a.start >= b.start && a.end <= b.end && a.end - a.start < b.end - b.start;
  const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

  // Begins and ends between sentences where it can, and never inside a mark or a character.
  function excerpt(text, marks, from, most) {
    const first = marks.indexOf(1, from);
    const clause = Math.max(...[..."。；！？，："].map((stop) => text.lastIndexOf(stop, first < 0 ? from : first) + 1));
    let start = first >= 0 && first - clause <= most / 3 ? clause : from;
    while (start > 0 && (marks[start - 1] && marks[start] || /[\udc00-\udfff]/.test(text[start]))) start--;
    let end = Math.min(text.length, start + most);
    while (end < text.length && (marks[end] && marks[end - 1] || /[\udc00-\udfff]/.test(text[end]))) end++;
    return `${start > 0 ? "…" : ""}${html(text, marks, start, end)}${end < text.length ? "…" : ""}`;
  }

  function html(text, marked, from = 0, to = text.length) {
    let out = "";
    for (let at = from, end; at < to; at = end) {
      for (end = at + 1; end < to && marked[end] === marked[at]; end++);
      const piece = escape(text.slice(at, end));
      out += marked[at] ? `<mark>${piece}</mark>` : piece;
    }
    return out;
  }

  class Engine {
    constructor({ table, index }) {
      this.terms = new Terms(table);
      const [ones, phrases] = [table.stop.filter((p) => p.length === 1), table.stop.filter((p) => p.length > 1)];
      const longest = phrases.sort((a, b) => b.length - a.length).join("|");
      const alone = `(?<![${table.han}])[${ones.join("")}](?![${table.han}])`; // 和 of “L1 和 L2”, not of 饱和
      const words = `(?<![\\w.-])(?:${table.stopWords.join("|")})(?![\\w-])`;
      this.stop = new RegExp(`${longest}|${alone}|${words}`, "giu");
      this.index = self.MiniSearch.loadJS(index, { fields: Object.keys(index.fieldIds), storeFields: [] });
      this.articles = new Map(); // by location
      for (const [n, location] of Object.entries(index.documentIds)) {
        const entry = { location, ...index.storedFields[n].shown };
        const article = location.split("#")[0];
        if (article === location) this.articles.set(location, { ...entry, sections: [] });
        else this.articles.get(article).sections.push(entry);
      }
      this.weights = this.weigh(index);
      this.looked = new Map();
    }

    // {term: how much it tells of the article}, from 0 (it stands in all of them) to about 1.
    weigh({ index, documentIds }) {
      const article = Object.values(documentIds).map((location) => location.split("#")[0]);
      const all = this.articles.size;
      const weights = new Map();
      for (const [term, fields] of index) {
        const where = new Set();
        for (const documents of Object.values(fields)) for (const n in documents) where.add(article[n]);
        weights.set(term, Math.log(1 + (all - where.size + 0.5) / (where.size + 0.5)) / Math.log(2 + 2 * all));
      }
      return weights;
    }

    // What is asked for: [{label, terms}], one unit a word, or a run of Han between phrases such as
    // 什么是; the phrases themselves where there is nothing else.
    units(query) {
      const folded = this.terms.fold(query);
      const bare = folded.replace(this.stop, (phrase) => " ".repeat(phrase.length));
      const units = this.unitsOf(bare);
      return units.length ? units : this.unitsOf(folded);
    }

    unitsOf(text) {
      const units = [];
      for (const { term, start, end } of this.terms.cut(text)) {
        const unit = { start, end, terms: [term] };
        while (units.length && unit.start < units.at(-1).end) {
          const last = units.pop();
          unit.start = Math.min(unit.start, last.start);
          unit.end = Math.max(unit.end, last.end);
          unit.terms.unshift(...last.terms);
        }
        units.push(unit);
      }
      return units.map(({ start, end, terms }) => ({ label: text.slice(start, end), terms }));
    }

    // {documents: Map(location: score), found: [terms of the index], weight} of one term of a query. A word finds the
    // words that it begins, and if there are none those that differ in a letter or two; a single Han character finds
    // the pairs that it begins.
    look(term) {
      let known = this.looked.get(term);
      if (known) return known;
      const han = this.terms.han.test(term);
      const begins = han ? [...term].length === 1 : term.length > 1;
      const options = { ...RANKING, tokenize: (text) => [text], processTerm: (text) => text };
      let hits = this.index.search(term, { ...options, prefix: begins });
      const fuzzy = han || /[0-9]/.test(term) || term.length < 4 ? 0 : term.length < 6 ? 1 : 2;
      if (!hits.length && fuzzy) hits = this.index.search(term, { ...options, fuzzy });
      const found = new Set(hits.flatMap((hit) => hit.terms));
      let weight = this.weights.get(term) ?? 0;
      if (!weight) for (const other of found) weight = Math.max(weight, this.weights.get(other) / 2);
      known = { documents: new Map(hits.map((hit) => [hit.id, hit.score])), found, weight };
      this.looked.set(term, known);
      return known;
    }

    // [{article, score, sections: [{section, share}], matched}], the best first.
    rank(asked) {
      let total = 0;
      for (const { weight } of asked.values()) total += weight;
      const ranked = [];
      for (const article of this.articles.values()) {
        const matched = new Set();
        let score = 0;
        let covered = 0;
        for (const [term, { documents, weight }] of asked) {
          let heading = 0;
          for (const { location } of article.sections) heading = Math.max(heading, documents.get(location) ?? 0);
          const worth = (documents.get(article.location) ?? 0) + HEADING * heading;
          if (!worth) continue;
          score += worth;
          covered += weight;
          matched.add(term);
        }
        if (!matched.size) continue;
        score *= (0.2 + covered / (total || 1)) * (1 + this.named(article, asked, total)) * (article.names ? 1 : ASIDE);
        ranked.push({ article, score, matched, sections: [] });
      }
      const best = (a, b) => b.score - a.score;
      ranked.sort(best).splice(SHOWN.articles);
      for (const entry of ranked) {
        entry.sections = entry.article.sections.map((section) => this.compare(section, asked, total));
        entry.sections.sort((a, b) => b.share - a.share);
        entry.score *= 1 + (entry.sections[0]?.share ?? 0);
      }
      ranked.sort(best);
      return ranked.filter(({ score }) => score >= FAINT * ranked[0].score);
    }

    // Names and sections are cut when they are first compared, or before, while nobody asks.
    namesOf(article) {
      return (article.named ??= (article.names ?? []).map((name) => {
        const terms = new Set(this.terms.of(name));
        return { terms, weight: [...terms].reduce((sum, term) => sum + (this.weights.get(term) ?? 0), 0) };
      }));
    }

    termsOf(section) {
      return (section.terms ??= {
        heading: new Set(this.terms.of(section.title)),
        text: new Set(this.terms.of(section.text)),
      });
    }

    async prepare() {
      for (const article of this.articles.values()) {
        await new Promise((resume) => setTimeout(resume)); // what is asked meanwhile comes first
        this.namesOf(article);
        for (const section of article.sections) this.termsOf(section);
      }
    }

    // How well one of an article's names is what is asked for: the share of the name times the share of the query.
    named(article, asked, total) {
      let best = 0;
      for (const { terms, weight } of this.namesOf(article)) {
        let both = 0;
        for (const [term, { found, weight: own }] of asked) {
          if (found.has(term) ? terms.has(term) : [...found].some((other) => terms.has(other))) both += own;
        }
        if (both) best = Math.max(best, Math.min(1, both / weight) ** 2 * (both / total));
      }
      return best;
    }

    // {section, share, headed}: the share of what is asked for that stands in a section, in its heading it counts more;
    // and whether its heading asks the same.
    compare(section, asked, total) {
      const { heading, text } = this.termsOf(section);
      let [share, headed] = [0, 0];
      for (const { found, weight } of asked.values()) {
        let worth = 0;
        for (const term of found) {
          if (heading.has(term)) worth = 1.3;
          else if (!worth && text.has(term)) worth = 1;
        }
        share += worth * weight;
        if (worth > 1) headed += weight;
      }
      return { section, share: share / (total || 1), headed: headed > 0.7 * total };
    }

    // What Material shows: {items: [[document]], suggest}; the first document of a group heads it.
    search(query) {
      const units = this.units(query);
      const asked = new Map(units.flatMap(({ terms }) => terms.map((term) => [term, this.look(term)])));
      const ranked = this.rank(asked);
      if (!ranked.length) return { items: [], suggest: units.length ? this.suggest(query) : [] };
      return { items: ranked.map((entry) => this.group(entry, units, asked)) };
    }

    // An article with its description, then the sections that hold most of what is asked for. Material shows those that
    // score no less than the article, folds the others away, and goes to the best of all on Enter.
    group({ article, score, sections, matched }, units, asked) {
      const terms = Object.fromEntries(units.map(({ label, terms }) => [label, terms.some((term) => matched.has(term))]));
      const show = this.shown(units, asked);
      const about = article.text && `<small>${this.marked(article.text, show)}</small>`;
      const head = { location: article.location, title: this.marked(article.title, show) + about, text: "", score, terms };
      const close = sections.filter(({ share }) => share > 0 && share >= sections[0].share / 2).slice(0, SHOWN.sections);
      return [
        head,
        ...close.map(({ section: { location, title, text }, share, headed }, n) => ({
          location, terms,
          title: this.marked(title, show),
          text: this.marked(text, show, SHOWN.characters),
          score: n || share < 0.5 ? score / (n + 2) : headed ? score * 1.01 : score,
        })),
      ];
    }

    // {found: terms to mark, phrases: runs of Han to mark as a whole where a text has them so}.
    shown(units, asked) {
      const phrases = units.map(({ label }) => label).filter((label) => this.terms.han.test(label) && [...label].length !== 2);
      const single = (term) => this.terms.han.test(term) && [...term].length === 1; // finds pairs, marks itself
      const found = [...asked].flatMap(([term, look]) => (single(term) ? [] : [...look.found]));
      return { found: new Set(found), phrases };
    }

    // A text as HTML, or the part of at most so many characters with the most to mark.
    marked(text, { found, phrases }, most = Infinity) {
      const { folded, places } = this.terms.foldWithPlaces(text);
      const whole = phrases.filter((phrase) => folded.includes(phrase));
      const inside = new Set(whole.flatMap((phrase) => this.terms.of(phrase)));
      const hits = this.terms.cut(folded).filter(({ term }) => found.has(term) && !inside.has(term));
      const spans = hits.filter((hit) => !hits.some((other) => within(other, hit))); // flash of FlashAttention
      for (const phrase of whole) {
        for (let at = -1; (at = folded.indexOf(phrase, at + 1)) >= 0; ) spans.push({ start: at, end: at + phrase.length });
      }
      const marks = new Uint8Array(text.length);
      for (const { start, end } of spans) marks.fill(1, places[start], places[end]);
      if (text.length <= most * 1.2) return html(text, marks);
      let from = 0;
      for (let at = 0, sum = 0, best = 0; at < text.length; at++) {
        sum += marks[at] - (marks[at - most] ?? 0);
        if (sum > best) [best, from] = [sum, Math.max(0, at - most + 1)];
      }
      return excerpt(text, marks, from, most);
    }

    // Names that share most of their characters with what is asked for.
    suggest(query) {
      const plain = (text) => this.terms.fold(text).toLowerCase().replace(/\s/g, "");
      const asked = new Set(plain(query));
      const near = new Map(); // by name as folded: two ways to write it are proposed once
      for (const { names } of this.articles.values()) {
        for (const name of names ?? []) {
          const chars = new Set(plain(name));
          const both = [...asked].filter((char) => chars.has(char)).length;
          const score = (2 * both) / (asked.size + chars.size);
          if (score >= 0.5 && !near.has(plain(name))) near.set(plain(name), { name, score });
        }
      }
      const best = [...near.values()].sort((a, b) => b.score - a.score);
      return best.slice(0, SHOWN.suggestions).map(({ name }) => name);
    }
  }

  // Whatever is typed is answered: the box waits for it.
  function answer(engine, query) {
    try {
      return engine.search(query);
    } catch (error) {
      console.error(error);
      return { items: [], suggest: [] };
    }
  }

  // Under file:// this isn't a worker but a script in a frame without an address of its own.
  async function start() {
    const here = self.document ? document.currentScript.src : self.location.href;
    await importScripts(new URL("../minisearch/minisearch.js", here).href);
    await importScripts(new URL("../../search/index.js", here).href);
    const engine = new Engine(self.baguSearch);
    addEventListener("message", ({ data }) => {
      if (data.type === QUERY) postMessage({ type: RESULT, data: answer(engine, data.data) });
    });
    postMessage({ type: READY });
    await engine.prepare();
  }

  self.BaguSearch = { Terms, Engine };
  start();
})();
