/** The first minute: three things to do, each ticked when it is done. It stands in nobody's way. */

import { h, icon } from "./dom.js";

const CLOSED = "greenlight.hint";

export class Hint {
  /** `push()` pushes a commit, `type(text)` puts a text into the composer, `approve()` shows the card. */
  constructor(world, does) {
    Object.assign(this, { world, does });
    this.node = h("aside", { class: "steps", "aria-label": "First steps" });
    this.node.hidden = sessionStorage.getItem(CLOSED) === "1";
    world.on("message execution reset", () => this.draw());
  }

  draw() {
    if (this.node.hidden) return;
    const { world } = this;
    const me = world.switch.find((one) => one.id === world.me);
    const runs = world.buddy.pipelines.flatMap((pipeline) => pipeline.executions);
    const deploy = world.buddy.pipelines[0];
    const run = deploy?.executions[0];
    const messages = [...world.messages.values()].flat();
    const has = (id) =>
      messages.find((one) =>
        one.blocks.some((block) => block.elements?.some((element) => element.action_id === id)),
      );
    const card = has("greenlight.approve");
    const shown =
      run &&
      messages.some((one) => one.by_bot && one.blocks.some((block) => block.type === "plan"));
    const approved = runs.some((one) => one.actions.some((action) => action.is_gate && action.by));
    const step = (done, label, does) =>
      h(
        "li",
        { class: done ? "done" : "" },
        h("span", { class: "mark", "aria-hidden": "true" }, done && icon("check")),
        done || !does
          ? label
          : h("button", { type: "button", class: "link", onclick: does }, label),
        done && h("span", { class: "unseen" }, " (done)"),
      );
    const close = h(
      "button",
      { type: "button", class: "bare", "aria-label": "Dismiss", onclick: () => this.close() },
      icon("close"),
    );
    this.node.replaceChildren(
      h(
        "p",
        {},
        h("b", {}, `You are ${me?.name ?? "here"}`),
        me?.about ? `, ${me.about}. ` : ". ",
        approved && me?.role === "member"
          ? "Next: push once more, be gia (above on the right), and press Approve."
          : [world.commands.length > 0 && ["Type ", h("code", {}, "/buddy help"), ", or: "]],
      ),
      h(
        "ol",
        {},
        step(Boolean(run), "Push a commit", () => this.does.push(deploy)),
        step(
          Boolean(shown),
          "Show its card",
          run && (() => this.does.type(`/buddy show ${run.key}`)),
        ),
        step(approved, "Press Approve on the card", card && (() => this.does.approve(card))),
      ),
      close,
    );
  }

  close() {
    this.node.hidden = true;
    sessionStorage.setItem(CLOSED, "1");
  }
}
