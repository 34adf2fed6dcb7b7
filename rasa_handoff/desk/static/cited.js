// The summary's sentences show the lines they rest on: lit while a sentence is looked at, opened when a number is used.
"use strict";

function light(sentence, on) {
  const numbers = sentence?.dataset.lines.split(" ").filter(Boolean) ?? [];
  for (const number of numbers) document.getElementById(`said-${number}`)?.closest(".line").classList.toggle("lit", on);
}

for (const [begins, ends] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(begins, (event) => light(event.target.closest?.(".cited"), true));
  document.addEventListener(ends, (event) => light(event.target.closest?.(".cited"), false));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.line-link");
  if (!link) return;
  event.preventDefault();
  const line = document.getElementById(link.hash.slice(1))?.closest(".line");
  if (!line) return;
  const transcript = line.closest("details");
  if (transcript) transcript.open = true;
  for (const other of document.querySelectorAll(".line.shown")) other.classList.remove("shown");
  line.classList.add("shown");
  line.scrollIntoView({ block: "center" });
  line.focus({ preventScroll: true });
});
