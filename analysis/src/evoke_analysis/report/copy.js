"use strict";
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const pre = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(pre.dataset.text);
    button.textContent = "Copied";
  } catch {
    // Not allowed here: the text is selected instead, ready for the keyboard.
    getSelection().selectAllChildren(pre);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});
