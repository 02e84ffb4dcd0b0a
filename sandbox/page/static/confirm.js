/** The question that some buttons and menus ask before anything is sent. */

import { h, uid } from "./dom.js";
import { plain, text } from "./text.js";

/** Ask the question of a `confirm` object, if there is one; the answer is true or false. */
export function confirmed(confirm, world) {
  if (!confirm) return true;
  return new Promise((answer) => {
    const [title, body] = [uid("title"), uid("text")];
    const choice = (value, object, look) =>
      h(
        "button",
        { type: "button", class: `button ${look}`, onclick: () => dialog.close(value) },
        plain(object.text),
      );
    const dialog = h(
      "dialog",
      { class: "confirm", role: "alertdialog", "aria-labelledby": title, "aria-describedby": body },
      h("h2", { id: title }, plain(confirm.title.text)),
      h("div", { class: "text", id: body }, text(confirm.text, world)),
      h(
        "footer",
        {},
        choice("", confirm.deny, "deny"),
        choice("yes", confirm.confirm, confirm.style === "danger" ? "danger" : "primary"),
      ),
    );
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
