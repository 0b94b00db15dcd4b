// Copy buttons and the filter: what the page does without, but not as conveniently.
"use strict";
const said = document.getElementById("said");
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // over plain HTTP there is none
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      said.textContent = "Copied";
    } catch {
      said.textContent = "It could not be copied";
    }
    button.firstChild.textContent = said.textContent;
    setTimeout(() => { button.firstChild.textContent = "Copy"; said.textContent = ""; }, 2000);
  });
}
const filter = document.getElementById("filter");
if (filter) {
  filter.closest("[data-filter]").hidden = false;
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const client of document.querySelectorAll("[data-client]")) {
      client.hidden = !client.dataset.client.includes(wanted);
    }
  });
}
