// What helps to answer: a suggested reply streamed into the composer, quick actions, and passages of articles.
// Loaded after desk.js, whose helpers it uses. Nothing here sends a message.
"use strict";

const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
let suggesting = null; // the running request's AbortController
let before = ""; // what stood in the composer before the suggestion

function put(box, text) {
  box.value = text;
  grow(box);
  sessionStorage.setItem(draftKey, text);
}

function insert(text) {
  const box = $("#text");
  if (!box || box.readOnly) return;
  const at = box.selectionEnd ?? box.value.length;
  const glue = at && !/\s$/.test(box.value.slice(0, at)) ? " " : "";
  put(box, box.value.slice(0, at) + glue + text + box.value.slice(at));
  box.focus();
  box.setSelectionRange(at + glue.length + text.length, at + glue.length + text.length);
}

async function refusal(answer) {
  if (answer.status === 401) return "You are signed out. Load the page again.";
  return (await answer.json().catch(() => ({}))).error ?? `The desk answered ${answer.status}.`;
}

// --- the suggested reply --------------------------------------------------------------------------------------------

function say(id, text) {
  const place = $(id);
  if (!place) return;
  place.hidden = !text;
  place.textContent = text ?? "";
}

function showSuggesting(running) {
  const box = $("#text");
  if (box) box.readOnly = running;
  if (!$("#suggest")) return;
  $("#suggest").hidden = running;
  $("#suggest-stop").hidden = !running;
  $("#suggest-undo").hidden = running || !box || box.value === before;
  if (!running && box) $("#suggest").textContent = box.value === before ? "Suggest a reply" : "Suggest another";
}

function sources(cited) {
  const place = $("#suggest-sources");
  if (!place) return;
  place.hidden = !cited.length;
  place.replaceChildren("From: ");
  cited.forEach((article, i) => {
    const link = document.createElement("button");
    link.type = "button";
    link.className = "cite";
    link.dataset.cite = article.id;
    link.dataset.title = article.title;
    link.textContent = article.title;
    place.append(i ? ", " : "", link);
  });
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (held + value).replaceAll("\r\n", "\n").split("\n\n");
    held = parts.pop();
    for (const part of parts) {
      const name = /^event: ?(.*)$/m.exec(part)?.[1];
      const data = /^data: ?(.*)$/m.exec(part)?.[1];
      if (name && data) yield [name, JSON.parse(data)];
    }
  }
}

async function suggest() {
  const box = $("#text");
  if (!box || suggesting) return;
  if ($("#suggest-undo").hidden) before = box.value;
  suggesting = new AbortController();
  const start = before && !/\s$/.test(before) ? `${before}\n\n` : before;
  let text = "";
  let told = null;
  let warned = false;
  put(box, before);
  showSuggesting(true);
  sources([]);
  say("#suggest-state", "Reading the articles…");
  $("#suggest-state").classList.remove("warned");
  $("#suggest-stop").focus();
  try {
    const answer = await fetch($("#suggest").dataset.url, { method: "POST", headers, signal: suggesting.signal });
    if (!answer.ok) told = await refusal(answer);
    else
      for await (const [name, data] of events(answer.body)) {
        if (name === "text") {
          text += data.text;
          put(box, start + text);
          box.scrollTop = box.scrollHeight;
          say("#suggest-state", "Writing…");
        } else if (name === "done") {
          if (data.text) put(box, start + data.text);
          sources(data.citations);
          told = data.warnings.join(" ") || "Read it before you send it.";
          warned = data.warnings.length > 0;
        } else if (name === "problem") told = `No suggestion: ${data.error}`;
      }
    told ??= "The suggestion broke off. Try it again.";
  } catch (error) {
    told = error.name === "AbortError" ? "Stopped." : "No suggestion: the desk cannot be reached. Try it again.";
  }
  suggesting = null;
  showSuggesting(false);
  say("#suggest-state", told);
  $("#suggest-state")?.classList.toggle("warned", warned);
  $("#text")?.focus();
}

document.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "reply" || !suggesting) return;
  event.preventDefault(); // half a suggestion is never sent
  say("#suggest-state", "Still writing. Stop it first, or wait.");
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id !== "reply" || !event.detail.successful) return;
  before = $("#text").value;
  say("#suggest-state", null);
  sources([]);
  showSuggesting(false);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey && event.code === "KeyG" && $("#suggest")) {
    event.preventDefault();
    suggest();
  } else if (event.key === "Escape") suggesting?.abort();
});

// --- quick actions --------------------------------------------------------------------------------------------------

async function run(url, values, confirmed, id) {
  const body = JSON.stringify({ id, values, confirmed });
  try {
    const answer = await fetch(url, { method: "POST", headers, body });
    return answer.ok ? { done: await answer.json() } : { problem: await refusal(answer) };
  } catch {
    return { problem: "Not done: the desk cannot be reached. Try it again; it is done once." };
  }
}

function quick(button) {
  const dialog = button.dataset.dialog && document.getElementById(button.dataset.dialog);
  if (!dialog) return ready(button.dataset.quick);
  const form = $("form", dialog);
  form.dataset.id = newId(); // of this opening: pressing twice is one run
  $(".problem", form).hidden = true;
  dialog.showModal();
}

async function ready(url) {
  const { done, problem: why } = await run(url, {}, false, newId());
  if (why) problem(why);
  else if (done.text) insert(done.text);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.run) return;
  event.preventDefault();
  const press = $("button.primary", form);
  press.disabled = true;
  const { done, problem: why } = await run(form.dataset.run, Object.fromEntries(new FormData(form)), true, form.dataset.id);
  press.disabled = false;
  const place = $(".problem", form);
  place.hidden = !why;
  place.textContent = why ?? "";
  if (why) return;
  form.closest("dialog").close();
  if (done.text) insert(done.text);
});

// What is asked follows what the agent corrects: nobody confirms one order and has another done.
document.addEventListener("input", (event) => {
  const form = event.target.form;
  const place = form?.dataset.run && $(".ask", form);
  if (!place) return;
  const values = Object.fromEntries(new FormData(form));
  place.textContent = place.dataset.ask.replace(
    /\{([A-Za-z_][A-Za-z0-9_]*)(?:\|[^{}|]*)?\}/g, // as in core/quick.py
    (_, name) => values[name] || "…",
  );
});

// --- articles -------------------------------------------------------------------------------------------------------

function passage(article) {
  const marked = getSelection();
  const own = marked && !marked.isCollapsed && article.contains(marked.anchorNode) && article.contains(marked.focusNode);
  return own ? marked.toString().trim() : $(".snippet", article).textContent.trim();
}

function cite(link) {
  const open = () => $(`#article-hits [data-article="${CSS.escape(link.dataset.cite)}"]`);
  const show = (article) => {
    article.open = true;
    article.scrollIntoView({ block: "nearest" });
    $("summary", article).focus();
  };
  if (open()) return show(open());
  $("#article-q").value = link.dataset.title;
  document.addEventListener("htmx:afterSwap", () => open() && show(open()), { once: true });
  $("#article-q").dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-insert-from]")) event.preventDefault(); // keeps what is marked
});

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  if (at("#suggest")) suggest();
  else if (at("#suggest-stop")) suggesting?.abort();
  else if (at("#suggest-undo")) {
    put($("#text"), before);
    say("#suggest-state", null);
    sources([]);
    showSuggesting(false);
    $("#text").focus();
  } else if (at("[data-quick]")) quick(at("[data-quick]"));
  else if (at("[data-cancel]")) at("dialog").close();
  else if (at("[data-insert]")) insert(at("[data-insert]").dataset.insert);
  else if (at("[data-insert-from]")) insert(passage(at(".article")));
  else if (at("[data-cite]")) cite(at("[data-cite]"));
});

// New lines look the articles up again: what is open stays so, and what has not changed is left alone.
document.addEventListener("htmx:beforeSwap", (event) => {
  const place = event.detail.target;
  if (place?.id !== "article-hits") return;
  const text = event.detail.serverResponse;
  if (!event.detail.isError && place.dataset.shown === text) event.detail.shouldSwap = false;
  place.dataset.shown = text;
  place.dataset.open = JSON.stringify([...place.querySelectorAll("details[open]")].map((one) => one.dataset.article));
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "article-hits") return;
  const open = JSON.parse(event.detail.target.dataset.open ?? "[]");
  for (const one of event.detail.target.querySelectorAll("details")) one.open = open.includes(one.dataset.article);
});
