// The agents' pages: htmx swaps the fragments that the stream brings; here is what it cannot know.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const csrf = $('meta[name="csrf"]').content;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- times and countdowns -------------------------------------------------------------------------------------------

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function span(seconds) {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min` : `${Math.floor(seconds / 86400)} d`;
}

function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function tick() {
  const now = Date.now();
  for (const node of document.querySelectorAll("time[data-since]")) set(node, span((now - Date.parse(node.dataset.since)) / 1000));
  for (const node of document.querySelectorAll("time[data-at]")) set(node, clock.format(new Date(node.dataset.at)));
  for (const node of document.querySelectorAll("time[data-day]")) {
    const at = new Date(node.dataset.day);
    set(node, at.toDateString() === new Date().toDateString() ? clock.format(at) : dayAndClock.format(at));
  }
  for (const node of document.querySelectorAll("time[data-ago]")) {
    const at = new Date(node.dataset.ago);
    set(node, now - at < 64800000 ? clock.format(at) : day.format(at));
  }
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, (Date.parse(node.dataset.until) - now) / 1000);
    if (node.tagName === "PROGRESS") node.value = left;
    else set(node, left > 0 ? `${Math.ceil(left)} s left` : "running out");
  }
}

// --- offers: title, sound, notification -----------------------------------------------------------------------------

const title = document.title;
const sound = $("#sound");
let offers = 0;
let audio = null;

function wantsSound() {
  return localStorage.getItem("handoff-sound") === "on";
}

function showSound() {
  sound.setAttribute("aria-pressed", String(wantsSound()));
}

sound.addEventListener("click", () => {
  localStorage.setItem("handoff-sound", wantsSound() ? "off" : "on");
  showSound();
  if (!wantsSound()) return;
  chime();
  if (window.Notification && Notification.permission === "default") Notification.requestPermission();
});

function chime() {
  audio ??= new AudioContext();
  [660, 880].forEach((pitch, i) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + i * 0.16;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  });
}

function countOffers(announce) {
  const count = Number($("[data-offers]")?.dataset.offers ?? 0);
  document.title = count ? `(${count}) ${title}` : title;
  if (announce && count > offers && wantsSound()) {
    chime();
    if (document.hidden && window.Notification?.permission === "granted") new Notification("A conversation is offered to you");
  }
  offers = count;
}

// --- the conversation -----------------------------------------------------------------------------------------------

const lines = $("#lines");
const wide = matchMedia("(min-width: 60rem)");
let stick = true;

function pane() {
  return wide.matches ? lines : document.scrollingElement;
}

function atBottom() {
  return pane().scrollHeight - pane().scrollTop - pane().clientHeight < 80;
}

function toBottom() {
  pane().scrollTop = pane().scrollHeight;
}

if (lines) {
  if (wide.matches || $(".agent", lines)) toBottom(); // on a narrow page the summary comes first, until one has begun
  lines.addEventListener("htmx:sseBeforeMessage", (event) => {
    const seq = Number(event.detail.lastEventId);
    if (event.detail.type !== "lines") return;
    if (seq <= Number(lines.dataset.seq)) event.preventDefault(); // a new connection repeats what is here already
    else lines.dataset.seq = seq;
    stick = atBottom();
  });
  lines.addEventListener("htmx:sseMessage", () => stick && toBottom());
}

// --- the reply ------------------------------------------------------------------------------------------------------

const draftKey = `handoff-draft:${location.pathname}`;
let sending = { text: null, id: null }; // the id stays with its text, so that a repeat is one message
let told = 0;

function grow(box) {
  box.rows = 1;
  box.rows = Math.min(8, Math.max(1, Math.ceil((box.scrollHeight - 20) / 22)));
}

function prepare() {
  const form = $("#reply");
  if (!form || form.dataset.ready) return;
  form.dataset.ready = "yes";
  const box = $("#text", form);
  if (!box.value) box.value = sessionStorage.getItem(draftKey) ?? "";
  grow(box);
  if (wide.matches) box.focus({ preventScroll: true });
}

function problem(text) {
  const place = $("#reply-problem");
  const words = document.createElement("p");
  words.className = "problem";
  words.textContent = text;
  place.replaceChildren(words);
}

document.addEventListener("input", (event) => {
  const box = event.target;
  if (box.id !== "text") return;
  grow(box);
  sessionStorage.setItem(draftKey, box.value);
  if (Date.now() - told < 2000) return;
  told = Date.now();
  fetch($("#reply").dataset.typing, { method: "POST", headers: { "X-CSRF-Token": csrf } }).catch(() => {});
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "text" || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("#reply").requestSubmit();
});

document.addEventListener("htmx:confirm", (event) => {
  if (event.target.id !== "reply") return;
  const box = $("#text");
  const limit = Number(box.dataset.limit);
  if (!box.value.trim()) event.preventDefault();
  else if (box.value.length > limit) {
    event.preventDefault();
    problem(`The message has ${box.value.length.toLocaleString()} characters; at most ${limit.toLocaleString()} can be sent at once.`);
  }
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "reply") return;
  const text = $("#text").value;
  if (sending.text !== text) sending = { text, id: newId() };
  event.detail.parameters.message_id = sending.id;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.id !== "reply") return;
  const box = $("#text");
  if (!event.detail.successful) {
    if (!event.detail.xhr.status) problem("Not sent: the desk cannot be reached. Your text is still here; send it again.");
    return;
  }
  if (box.value.startsWith(sending.text)) box.value = box.value.slice(sending.text.length).trimStart();
  sending = { text: null, id: null };
  sessionStorage.setItem(draftKey, box.value);
  grow(box);
  toBottom();
});

document.addEventListener("click", (event) => {
  if (event.target.id !== "add-learned") return;
  const pair = $("#learned .pair").cloneNode(true);
  for (const input of pair.querySelectorAll("input")) input.value = "";
  $("#learned").append(pair);
  $("input", pair).focus();
});

// A detail leads to the message it comes from, in the folded transcript.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-turn]");
  const line = link && document.getElementById(`turn-${link.dataset.turn}`);
  if (!line) return;
  $("#transcript").open = true;
  requestAnimationFrame(() => {
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  });
});

// --- the stream -----------------------------------------------------------------------------------------------------

document.addEventListener("htmx:sseError", () => ($("#offline").hidden = false));
document.addEventListener("htmx:sseOpen", () => ($("#offline").hidden = true));
document.addEventListener("htmx:sseMessage", (event) => {
  tick();
  prepare();
  if (event.target.id === "badge") countOffers(true);
});

showSound();
countOffers(false);
prepare();
tick();
setInterval(tick, 500);
