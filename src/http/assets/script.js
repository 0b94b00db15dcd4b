// Copy buttons and the filter. The page also works without them.
"use strict";
const status = document.getElementById("status");
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // browsers offer it only over HTTPS
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      status.textContent = "Copied";
    } catch {
      status.textContent = "Copying failed";
    }
    button.firstChild.textContent = status.textContent;
    setTimeout(() => { button.firstChild.textContent = "Copy"; status.textContent = ""; }, 2000);
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
