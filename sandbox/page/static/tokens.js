/**
 * A page of Buddy's web app, «Personal Access Tokens»: it stands before everything, also before the
 * form in which the token is wanted.
 */

import { h, uid } from "./dom.js";

/** Make a token for whoever looks, and show it this once. */
export async function showToken(server) {
  const { ok, token, message } = await server.post("buddy/token");
  const title = uid("title");
  const said = h("span", { role: "status" });
  const field = h("input", {
    class: "field token",
    readonly: true,
    "aria-label": "New token",
    value: token,
  });
  const copy = async () => {
    field.select();
    await navigator.clipboard.writeText(token);
    said.replaceChildren("Copied");
  };
  const button = (label, look, onclick) =>
    h("button", { type: "button", class: `button ${look}`, onclick }, label);
  const dialog = h(
    "dialog",
    { class: "confirm", "aria-labelledby": title },
    h("h2", { id: title }, "Personal Access Tokens"),
    h(
      "div",
      { class: "text" },
      ok
        ? "Buddy, simulated, made this token for you. It is shown only now: copy it, and paste it into Slack."
        : message,
    ),
    ok && h("div", { class: "text copies" }, field, button("Copy", "primary", copy)),
    h(
      "footer",
      {},
      said,
      button("Done", "", () => dialog.close()),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  if (ok) field.select();
}
