// The customer's page. The stream brings the history and everything new; own messages wait in a queue until the desk
// has them, and are sent again with the same id, so that each arrives once.
"use strict";

const $ = (id) => document.getElementById(id);
const conversation = document.body.dataset.conversation;
const limit = Number(document.body.dataset.limit);
const outboxKey = `handoff-outbox:${conversation}`;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

const FACES = { bot: "✦", system: "✦" };
const pane = $("scroll");
const shown = new Map(); // message id -> its <li>
let lastSeq = 0;
let owner = { status: "bot", agent_name: null };
let live = false;
let streaming = false;
let outbox = load();
let flushing = false;
let pause = 0;
let typingTimer = 0;
let toldTyping = 0;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function load() {
  try {
    return JSON.parse(localStorage.getItem(outboxKey)) ?? [];
  } catch {
    return [];
  }
}

function save() {
  if (outbox.length) localStorage.setItem(outboxKey, JSON.stringify(outbox));
  else localStorage.removeItem(outboxKey);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// --- lines ----------------------------------------------------------------------------------------------------------

function nameOf(line) {
  if (line.author === "agent") return line.name || "Agent";
  return line.author === "customer" ? "You" : "Assistant";
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  return [words[0], words.length > 1 ? words.at(-1) : ""].map((word) => Array.from(word)[0] ?? "").join("").toUpperCase();
}

function from(line) {
  const head = make("p", "from");
  if (line.author === "agent" || line.author === "bot") {
    const face = make("span", `avatar ${line.author}`, FACES[line.author] ?? initials(nameOf(line)));
    face.setAttribute("aria-hidden", "true");
    head.append(face);
  }
  head.append(make("bdi", line.author === "customer" ? "sr" : "", nameOf(line)), " ", make("time", "", clock.format(new Date(line.at))));
  return head;
}

function picture(url) {
  const link = make("a", "attachment");
  link.href = url;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  const image = make("img");
  image.src = url;
  image.alt = "Image";
  image.addEventListener("load", toBottom);
  image.addEventListener("error", () => image.replaceWith(make("span", "", "Open what was sent along")));
  link.append(image);
  return link;
}

function choices(line) {
  const row = make("p", "choices");
  for (const button of line.buttons) {
    const choice = make("button", "choice", button.title || button.payload);
    choice.type = "button";
    choice.addEventListener("click", () => {
      for (const other of row.children) other.disabled = true;
      say(button.payload || button.title, button.title || button.payload);
    });
    row.append(choice);
  }
  return row;
}

function removeChoices() {
  for (const row of document.querySelectorAll(".choices")) row.remove();
}

function render(line) {
  const item = make("li", `line ${line.author}`);
  if (line.author !== "system") item.append(from(line));
  if (line.text) {
    const bubble = make("p", "bubble", line.text);
    bubble.dir = "auto";
    item.append(bubble);
  }
  if (line.attachment) item.append(picture(line.attachment));
  if (line.buttons?.length) item.append(choices(line));
  return item;
}

function add(line) {
  if (line.seq <= lastSeq) return;
  lastSeq = line.seq;
  const stick = atBottom() || line.author === "customer";
  const item = render(line);
  // Only the newest question has an answer, and news about the wait leave it as it is.
  if (line.author !== "system" || line.buttons?.length) removeChoices();
  shown.get(line.id)?.remove();
  shown.set(line.id, item);
  const waiting = $("lines").querySelector(".sending, .unsent");
  $("lines").insertBefore(item, waiting);
  outbox = outbox.filter((message) => message.id !== line.id);
  save();
  $("welcome").hidden = true;
  awaitAnswer(line.author === "customer" && Date.now() - Date.parse(line.at) < 20000);
  if (stick) toBottom();
}

function addOwn(message) {
  const item = render({ author: "customer", text: message.title ?? message.text, at: message.at });
  item.classList.add("sending");
  item.append(make("p", "state", "Sending…"));
  shown.set(message.id, item);
  $("lines").append(item);
  $("welcome").hidden = true;
  toBottom();
}

function atBottom() {
  return pane.scrollHeight - pane.scrollTop - pane.clientHeight < 120;
}

function toBottom() {
  pane.scrollTop = pane.scrollHeight;
}

// --- typing and who answers -----------------------------------------------------------------------------------------

function typing(who, milliseconds) {
  clearTimeout(typingTimer);
  $("typing").hidden = !who;
  if (!who) return;
  const stick = atBottom();
  $("typing-who").textContent = `${who} is writing`;
  $("typing").classList.toggle("agent", who !== "Assistant");
  typingTimer = setTimeout(() => ($("typing").hidden = true), milliseconds);
  if (stick) toBottom();
}

function awaitAnswer(asked) {
  if (asked && owner.status === "bot") typing("Assistant", 20000);
  else typing(null);
}

const STATES = {
  bot: "Usually answers at once",
  waiting: "Waiting for a team member",
  offered: "Connecting you with a team member",
};

function showOwner(now) {
  owner = now;
  const agent = owner.status === "active" ? owner.agent_name || "Agent" : null;
  $("owner-name").textContent = agent ?? "Assistant";
  $("owner-state").textContent = agent ? "Team member, with you now" : STATES[owner.status];
  $("owner-face").textContent = agent ? initials(agent) : FACES.bot;
  $("owner-face").className = `avatar ${agent ? "agent" : "bot"}`;
  document.body.dataset.owner = owner.status;
  if (agent) removeChoices(); // what was offered to whoever waits
  if (owner.status !== "bot" && $("typing-who").textContent.startsWith("Assistant")) typing(null);
}

// --- sending --------------------------------------------------------------------------------------------------------

function problem(text) {
  $("problem").hidden = !text;
  $("problem").textContent = text ?? "";
}

function say(text, title) {
  problem(null);
  const message = { id: newId(), text, title, at: new Date().toISOString() };
  outbox.push(message);
  save();
  addOwn(message);
  flush();
}

async function flush() {
  if (flushing) return;
  flushing = true;
  while (outbox.length) {
    const message = outbox[0];
    const answer = await post(message);
    if (!answer) break;
    outbox = outbox.filter((other) => other.id !== message.id);
    save();
    if (answer.ok) shown.get(message.id)?.querySelector(".state")?.remove();
    else refused(message, (await answer.json().catch(() => ({}))).error);
  }
  flushing = false;
}

async function post({ id, text, title }) {
  try {
    const body = JSON.stringify(title ? { id, text, title } : { id, text });
    const answer = await fetch("/chat/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    if (answer.status < 500 && answer.status !== 429) {
      pause = 0;
      return answer;
    }
  } catch {
    // offline: tried again below
  }
  pause = Math.min(15000, Math.max(1000, pause * 2));
  setTimeout(flush, pause);
  return null;
}

function refused(message, text) {
  const item = shown.get(message.id);
  item.classList.replace("sending", "unsent");
  item.querySelector(".state").textContent = text || "Not sent.";
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return problem("Write something first.");
  if (text.length > limit) return problem(`Your message has ${text.length.toLocaleString()} characters; at most ${limit.toLocaleString()} can be sent at once.`);
  $("text").value = "";
  grow();
  $("text").focus();
  return say(text);
});

$("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("write").requestSubmit();
});

function grow() {
  const box = $("text");
  box.rows = 1;
  box.rows = Math.min(6, Math.max(1, Math.ceil((box.scrollHeight - 20) / 22)));
}

function tellTyping() {
  if (owner.status === "bot" || Date.now() - toldTyping < 4000) return;
  toldTyping = Date.now();
  fetch("/chat/typing", { method: "POST" }).catch(() => {}); // no matter when it does not arrive
}

$("text").addEventListener("input", () => {
  tellTyping();
  grow();
  problem(null);
});

// --- the stream -----------------------------------------------------------------------------------------------------

function connect() {
  const stream = new EventSource(`/chat/stream?after=${lastSeq}`);
  stream.addEventListener("line", (event) => add(JSON.parse(event.data)));
  stream.addEventListener("owner", (event) => showOwner(JSON.parse(event.data)));
  stream.addEventListener("typing", () => owner.status === "active" && typing(owner.agent_name, 4000));
  stream.addEventListener("ready", ready);
  stream.onopen = () => {
    showConnection(true);
    flush();
  };
  stream.onerror = () => {
    showConnection(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}

function ready() {
  if (live) return;
  live = true; // only now is what comes read out
  $("lines").setAttribute("aria-live", "polite");
  for (const message of outbox) if (!shown.has(message.id)) addOwn(message);
  toBottom();
  flush();
}

function showConnection(now) {
  streaming = now;
  $("offline").hidden = navigator.onLine && (streaming || !live);
}

window.addEventListener("online", () => {
  showConnection(streaming);
  flush();
});
window.addEventListener("offline", () => showConnection(streaming));
connect();
$("text").focus({ preventScroll: true });
