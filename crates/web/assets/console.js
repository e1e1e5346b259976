// The console's own script: what is on the page stays current, and can be reached by keyboard. Nothing needs it: a page without it is whole.
//
// Live: the server says which names have changed (`/live`), and the page that is open is fetched again as a whole; the parts that listen to
// those names (`data-live`) are taken out of the answer and morphed in by htmx, so that place, focus, selection and what is being typed
// stay. There is no second way to render anything.
"use strict";
(() => {
  const GATHER_MS = 1000;      // The page is fetched again at most so often.
  const SETTLE_MS = 3000;      // And once more after the last change: some figures are gathered by the server, too.
  const STALE_MS = 90_000;     // What nobody refreshes is shown as old after this.
  const RETRY_MS = 5_000;      // A stream that was refused is asked for again, ever more seldom.
  const RETRY_MAX_MS = 60_000;
  const WAIT_MS = 1_000;       // A form that has had no answer for so long says what it waits for.
  const GIVES_UP_MS = 30_000;  // And may be sent once more: nobody knows whether there is an answer to come.
  const CHORD_MS = 1_500;      // How long `g` waits for its letter.
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const words = element => (element.getAttribute("aria-label") || element.innerText || "").replace(/\s+/g, " ").trim();

  // Ages -----------------------------------------------------------------------------------------------------------------------------

  let ahead = 0; // The server's clock against this one.
  let proved = Date.now();

  function setClock() {
    const made = one("#made time");
    proved = Date.now();
    if (made) ahead = Date.parse(made.dateTime) - proved;
  }

  // As the server writes it (view/time.rs).
  function lasting(seconds) {
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds % 86400 / 3600), Math.floor(seconds % 3600 / 60)];
    if (days > 1) return `${days} days`;
    if (days === 1) return "1 day";
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    return minutes ? `${minutes} min` : `${seconds} s`;
  }

  function tick() {
    const now = Date.now() + ahead;
    for (const age of all("time[data-age]")) {
      const text = lasting(Math.max(0, Math.floor((now - Date.parse(age.dateTime)) / 1000)));
      if (age.textContent !== text) age.textContent = text;
    }
    document.body.classList.toggle("stale", !isLive && Date.now() - proved > STALE_MS);
  }

  // Live -----------------------------------------------------------------------------------------------------------------------------

  const changed = new Set();
  let isLive = false;
  let stream = null;
  let fetching = false;
  let wake = null;
  let settle = null;
  let retry = RETRY_MS;
  let lastFetch = 0;

  const listening = () => all("[data-live]").filter(part => part.id);
  const topics = () => [...new Set(listening().flatMap(part => part.dataset.live.split(" ")))];

  function say(live) {
    isLive = live;
    const bar = one("#live");
    // Where the rail's counts alone are live, the page is as old as it says.
    if (!bar || !one("main [data-live]")) return;
    bar.hidden = false;
    bar.textContent = live ? "Live" : "Not live";
    bar.classList.toggle("off", !live);
    document.body.classList.toggle("is-live", live);
    tick();
  }

  function connect() {
    const wanted = topics();
    if (stream || document.hidden || !wanted.length) return;
    const asked = wanted.join(",");
    stream = new EventSource("/live?topics=" + encodeURIComponent(asked));
    stream.addEventListener("open", () => {
      const again = !isLive;
      retry = RETRY_MS;
      say(true);
      // What changed while nobody listened was told to nobody.
      if (again && lastFetch) change(wanted);
      lastFetch ||= Date.now();
    });
    stream.addEventListener("changed", event => change(event.data.split(" ")));
    stream.addEventListener("error", () => {
      say(false);
      if (stream.readyState !== EventSource.CLOSED) return;
      disconnect();
      setTimeout(connect, retry);
      retry = Math.min(2 * retry, RETRY_MAX_MS);
    });
  }

  function disconnect() {
    if (stream) stream.close();
    stream = null;
  }

  function change(names) {
    names.forEach(name => changed.add(name));
    clearTimeout(settle);
    settle = setTimeout(() => { names.forEach(name => changed.add(name)); soon(); }, SETTLE_MS);
    soon();
  }

  function soon() {
    if (wake || fetching) return;
    wake = setTimeout(() => { wake = null; again(); }, Math.max(0, lastFetch + GATHER_MS - Date.now()));
  }

  // The same page once more; what has changed of it is put in the place of what stood there.
  async function again() {
    if (document.hidden || !changed.size || sent.size) return;
    const stale = listening().filter(part => part.dataset.live.split(" ").some(name => changed.has(name)));
    changed.clear();
    if (!stale.length) return;
    fetching = true;
    lastFetch = Date.now();
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html", "x-by-itself": "1" } });
      // Signed out, or gone: the page says so when it is loaded; it is not emptied under somebody's hands.
      if (!answer.ok || answer.redirected) return say(false);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const place = rows().indexOf(document.activeElement);
      const whole = stale.some(part => part.closest("main"));
      for (const part of whole ? [...stale, one("#made")] : stale) {
        const found = part && fresh.getElementById(part.id);
        if (found && part.isConnected) await htmx.swap({ text: found.outerHTML, target: part, swap: "outerMorph", sourceElement: document.body });
      }
      if (place >= 0 && document.activeElement === document.body) rows().at(Math.min(place, rows().length - 1))?.focus();
      if (whole) setClock();
      tick();
    } catch {
      say(false);
    } finally {
      fetching = false;
      if (changed.size) soon();
    }
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return disconnect();
    if (!topics().length) return;
    connect();
    change(topics());
  });
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", event => { if (event.persisted) { connect(); change(topics()); } });

  // Room -----------------------------------------------------------------------------------------------------------------------------

  // How much of a field that says what fits is filled, while somebody types (view/field.rs).
  document.addEventListener("input", ({ target }) => {
    const [room, said] = [Number(target.dataset.room), document.getElementById(`${target.id}-room`)];
    if (!room || !said) return;
    said.textContent = `${target.value.length} of at most ${room} characters`;
    said.classList.toggle("over", target.value.length > room);
  });

  // Waiting --------------------------------------------------------------------------------------------------------------------------

  // A form whose answer takes its time says so, and is not sent again before it came. Nothing on the page changes meanwhile.
  const sent = new Map();
  function over(form) {
    clearTimeout(sent.get(form));
    sent.delete(form);
    one(".waits", form)?.remove();
    if (changed.size) soon();
  }
  document.addEventListener("submit", event => {
    const form = event.target;
    if (form.method !== "post") return;
    if (sent.has(form)) return event.preventDefault();
    sent.set(form, setTimeout(() => {
      const said = `Waits for ${form.dataset.awaits || "Tallyman"} … The answer comes to this page by itself.`;
      form.append(make("p", { class: "small muted waits", role: "status" }, said));
      sent.set(form, setTimeout(() => over(form), GIVES_UP_MS));
    }, WAIT_MS));
  });
  // Whoever goes back to the page finds its forms as they were.
  addEventListener("pageshow", () => [...sent.keys()].forEach(over));

  // Keyboard -------------------------------------------------------------------------------------------------------------------------

  // What `j` and `k` go over: the first link of each row.
  const rows = () => all("main tbody tr, main .tiles > *, main ol.rows > li, main ul.rows > li")
    .map(row => one("a[href], button", row)).filter(link => link && link.checkVisibility());

  const isTyping = target => target.closest("input, select, textarea, [contenteditable]") !== null;
  let chord = 0;

  function step(by) {
    const links = rows();
    if (!links.length) return;
    const row = document.activeElement.closest("main tbody tr, main .tiles > *, main .rows > li");
    const here = links.findIndex(link => link === document.activeElement || (row && row.contains(link)));
    const next = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1);
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return palette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || one("dialog[open]")) return;
    if (event.timeStamp - chord < CHORD_MS && chord) {
      chord = 0;
      const place = one(`#rail a[data-go="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    switch (event.key) {
      case "/": event.preventDefault(); one("#find")?.focus(); one("#find")?.select(); break;
      case "g": chord = event.timeStamp; break;
      case "j": step(1); break;
      case "k": step(-1); break;
      case "?": help(); break;
    }
  });

  // A sheet over the page; it ends with Escape, as dialogs do.
  function sheet(name, ...children) {
    const dialog = make("dialog", { "aria-label": name, class: "sheet" }, ...children);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  async function help() {
    if (location.pathname === "/help") return;
    const answer = await fetch("/help", { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const keys = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("keys");
    if (!keys || one("dialog[open]")) return;
    const over = make("button", { type: "button", class: "plain" }, "Close");
    const dialog = sheet("Keyboard", over, keys);
    over.addEventListener("click", () => dialog.close());
    over.focus();
  }

  // All that the rail leads to and the page can do; it knows nothing of its own.
  function entries() {
    const places = all("#rail li a").map(link => ({ word: link.firstChild.textContent.trim(), kind: "Go to", act: () => link.click() }));
    const acts = all("main button, main a.btn, main .tabs a").filter(act => act.checkVisibility() && !act.disabled)
      .map(act => ({ word: words(act), kind: "On this page", act: () => { act.focus(); act.click(); } }));
    const seen = new Set();
    return [...places, ...acts].filter(({ word }) => word && !seen.has(word) && seen.add(word));
  }

  function palette() {
    if (one("dialog[open]")) return;
    const known = entries();
    const field = make("input", { type: "text", role: "combobox", "aria-label": "Go to, do, or find an order", "aria-controls": "choices",
      "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", placeholder: "Go to, do, or find an order", maxlength: "100" });
    const list = make("ul", { id: "choices", role: "listbox", "aria-label": "Choices" });
    const dialog = sheet("Commands", field, list);
    let shown = [];
    let chosen = 0;

    function choose(index) {
      chosen = index;
      all("li", list).forEach((line, at) => line.setAttribute("aria-selected", String(at === index)));
      const line = list.children[index];
      if (line) { field.setAttribute("aria-activedescendant", line.id); line.scrollIntoView({ block: "nearest" }); }
    }

    function carryOut() {
      const entry = shown[chosen];
      dialog.close();
      if (entry) entry.act();
    }

    function show() {
      const sought = field.value.trim().toLowerCase();
      shown = known.filter(({ word }) => sought.split(" ").every(part => word.toLowerCase().includes(part))).slice(0, 12);
      if (sought && one("#find")) {
        const number = field.value.trim();
        shown.push({ word: `Find order “${number}”`, kind: "Orders", act: () => { const find = one("#find"); find.value = number; find.form.requestSubmit(); } });
      }
      list.replaceChildren(...shown.map(({ word, kind }, at) => {
        const line = make("li", { role: "option", id: `choice-${at}` }, make("span", {}, word), make("small", {}, kind));
        line.addEventListener("click", () => { choose(at); carryOut(); });
        return line;
      }));
      choose(0);
    }

    field.addEventListener("input", show);
    field.addEventListener("keydown", event => {
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by && shown.length) { event.preventDefault(); choose((chosen + by + shown.length) % shown.length); }
      if (event.key === "Enter") { event.preventDefault(); carryOut(); }
    });
    show();
    field.focus();
  }

  // ----------------------------------------------------------------------------------------------------------------------------------

  // What answers a form is the page that has it: this is reloaded and gone back to, and nothing is sent twice.
  const own = document.body.dataset.own;
  if (own) history.replaceState(null, "", own);
  setClock();
  tick();
  setInterval(tick, 1000);
  connect();
})();
