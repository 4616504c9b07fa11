// The outline: each section with how far it is.

const byId = (id) => document.getElementById(id);

/** Tells of each section how much is written and what is wrong; `current` is the one being written. */
export function outline(form, found, current) {
  for (const link of form.querySelectorAll("[data-outline]")) {
    const section = byId(link.dataset.outline);
    const isFilled = says(section);
    // What is not begun is not wrong yet.
    const wrong = !isFilled ? 0 : found.filter((one) => one.severity === "error" && one.element && section.contains(one.element)).length;
    const texts = Array.from(section.querySelectorAll("textarea, input.control"), (control) => control.value.length);
    const characters = texts.reduce((sum, length) => sum + length, 0);
    const state = link.querySelector(".outline-state");
    state.textContent = [isFilled ? `${characters} 字` : "未填", wrong ? `${wrong} 处错误` : ""].filter(Boolean).join(" · ");
    link.classList.toggle("is-filled", isFilled);
    link.classList.toggle("is-wrong", wrong > 0);
    if (current) link.classList.toggle("is-current", section === current);
  }
}

/** Whether anything is written in a section. */
export function says(section) {
  return Array.from(section.querySelectorAll("[data-entry]")).some((control) =>
    control.type === "checkbox" ? control.checked : control.value.trim() !== (control.dataset.default || ""),
  );
}
