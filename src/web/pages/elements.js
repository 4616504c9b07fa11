// Elements that scripts add to the page.

/** An element with a class and a text. */
export function make(name, classes, text) {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  return element;
}
