/**
 * Buddy's side, which is not Slack: pipelines and their executions in motion, what one does in Buddy's
 * web app, and trouble to order.
 */

import { Controls } from "./controls.js";
import { h, icon } from "./dom.js";
import { showToken } from "./tokens.js";

const MARKS = {
  SUCCESSFUL: "complete",
  SKIPPED: "complete",
  FAILED: "error",
  TERMINATED: "error",
  INPROGRESS: "in_progress",
  TERMINATING: "in_progress",
  WAITING_FOR_APPLY: "waits",
  WAITING_FOR_VARIABLES: "waits",
  WAITING_FOR_SETTABLE_VARIABLES: "waits",
  WAITING_FOR_VT_SESSION: "waits",
};
const WORDS = {
  INITIAL: "about to start",
  ENQUEUED: "in line",
  INPROGRESS: "running",
  TERMINATING: "stopping",
  SUCCESSFUL: "successful",
  FAILED: "failed",
  TERMINATED: "cancelled",
  SKIPPED: "skipped",
  NOT_EXECUTED: "not executed",
  WAITING_FOR_APPLY: "waits for approval",
};
const wordOf = (status) => WORDS[status] ?? status.toLowerCase().replaceAll("_", " ");
const COMMITS = [
  "Fix the login of returning customers",
  "Show prices with tax",
  "Sell gift cards",
  "Speed up the search",
  "Remember the basket",
  "New payment page",
];
const SHOWN = 3;

/** Make buttons whose keys begin alike, so that a drawing anew finds the one in focus again. */
const buttons =
  (stem) =>
  (label, does, key, look = "") =>
    h(
      "button",
      {
        type: "button",
        class: `button small ${look}`,
        "data-key": `${stem} ${key}`,
        onclick: does,
      },
      label,
    );

export class Buddy {
  /** `type(text)` puts a command into the composer, `closed()` is called when somebody closes it. */
  constructor(world, server, { type, closed }) {
    Object.assign(this, { world, server, type, closed });
    this.opened = new Map();
    this.body = h("div", { class: "body" });
    this.said = h("div", { class: "trouble", role: "alert" });
    const controls = new Controls(world, server);
    this.node = h(
      "section",
      {
        class: "pane buddy",
        "aria-label": "Buddy",
        id: "buddy",
        onkeydown: (event) => event.key === "Escape" && this.close(),
      },
      h(
        "header",
        {},
        h("h2", {}, "Buddy"),
        h("span", { class: "where" }, "simulated"),
        h(
          "button",
          { type: "button", class: "link token", onclick: () => showToken(server) },
          "Access token",
        ),
        h(
          "button",
          {
            type: "button",
            class: "bare",
            "aria-label": "Close Buddy",
            onclick: () => this.close(),
          },
          icon("close"),
        ),
      ),
      this.said,
      this.body,
      controls.node,
    );
    world.on("execution reset", () => this.draw());
  }

  close() {
    this.node.hidden = true;
    this.closed();
  }

  /** Do something in Buddy's web app; what it refuses is said on top. */
  async does(what, body) {
    const answer = await this.server.post(`buddy/${what}`, body);
    this.said.replaceChildren(...(answer.ok ? [] : [icon("alert"), answer.message]));
    return answer;
  }

  /** Push a commit, as somebody who just had an idea. */
  push(pipeline, message = COMMITS[(pipeline.executions[0]?.id ?? 0) % COMMITS.length]) {
    return this.does("push", { pipeline: pipeline.id, message, branch: "main" });
  }

  /** Show one execution, as a link from Slack does. */
  reveal(key) {
    const node = this.body.querySelector(`[data-run="${CSS.escape(key)}"]`);
    if (!node) return;
    this.opened.set(key, true);
    node.open = true;
    node.scrollIntoView({ block: "nearest" });
    node.querySelector("summary").focus();
  }

  draw() {
    const focused = this.body.contains(document.activeElement)
      ? document.activeElement.dataset.key
      : null;
    const typed = new Map(
      [...this.body.querySelectorAll("input[data-key]")].map((one) => [one.dataset.key, one.value]),
    );
    this.body.replaceChildren(
      ...this.world.buddy.pipelines.map((pipeline, index) => this.pipeline(pipeline, index === 0)),
    );
    for (const [key, value] of typed) {
      const field = this.body.querySelector(`[data-key="${CSS.escape(key)}"]`);
      if (field) field.value = value;
    }
    if (focused)
      this.body
        .querySelector(`[data-key="${CSS.escape(focused)}"]`)
        ?.focus({ preventScroll: true });
  }

  /** The first one is where commits go; the others are started with a click. */
  pipeline(pipeline, takesCommits) {
    const button = buttons(pipeline.key);
    const field = h("input", {
      class: "field",
      "aria-label": `Commit message for ${pipeline.name}`,
      placeholder: "Commit message",
      "data-key": `${pipeline.key} message`,
      maxlength: 200,
    });
    const commit = async (event) => {
      event.preventDefault();
      const answer = await this.push(pipeline, field.value.trim() || undefined);
      if (answer.ok) field.value = "";
    };
    const starts = takesCommits
      ? h(
          "form",
          { class: "push", onsubmit: commit },
          field,
          h(
            "button",
            { type: "submit", class: "button small primary", "data-key": `${pipeline.key} push` },
            "Push",
          ),
        )
      : button("Run", () => this.does("run", { pipeline: pipeline.id }), "run");
    return h(
      "section",
      { class: "pipeline", "aria-label": pipeline.name },
      h("header", {}, h("h3", {}, pipeline.name), h("code", {}, pipeline.key)),
      starts,
      pipeline.executions.slice(0, SHOWN).map((run, index) => this.execution(run, index === 0)),
      pipeline.executions.length > SHOWN &&
        h("p", { class: "older" }, `and ${pipeline.executions.length - SHOWN} older`),
    );
  }

  execution(run, isNewest) {
    const at = { pipeline: run.pipeline, execution: run.id };
    const button = buttons(run.key);
    const { can } = run;
    const open = this.opened.get(run.key) ?? isNewest;
    const mark = MARKS[run.waits.length ? "WAITING_FOR_APPLY" : run.status] ?? "pending";
    const state = run.waits.length ? "waits for approval" : wordOf(run.status);
    return h(
      "details",
      {
        class: `run ${mark}`,
        open,
        "data-run": run.key,
        ontoggle: ({ target }) => target.isConnected && this.opened.set(run.key, target.open),
      },
      h(
        "summary",
        { "data-key": `${run.key} summary` },
        h("span", { class: "mark", "aria-hidden": "true" }),
        h("b", {}, `#${run.id}`),
        h("span", { class: "what" }, run.message || run.branch),
        h("span", { class: "state" }, state),
      ),
      h(
        "p",
        { class: "by" },
        `${run.branch} · ${(run.revision ?? "").slice(0, 7)} · by ${run.by}`,
        run.attempt > 1 && ` · attempt ${run.attempt}`,
      ),
      h(
        "ol",
        { class: "tasks" },
        run.actions.map((action) => this.action(run, action)),
      ),
      h(
        "div",
        { class: "doing", role: "group", "aria-label": `In Buddy's web app, ${run.key}` },
        can.approve.map((gate) =>
          button(
            can.approve.length > 1 ? `Approve ${gate}` : "Approve",
            () => this.does("approve", { ...at, gate }),
            `approve ${gate}`,
          ),
        ),
        can.start && button("Start now", () => this.does("start", at), "start"),
        can.retry && button("Retry", () => this.does("retry", at), "retry"),
        can.cancel && button("Cancel", () => this.does("cancel", at), "cancel"),
        button("Show in Slack", () => this.type(`/buddy show ${run.key}`), "show", "primary"),
      ),
    );
  }

  action(run, action) {
    const running = action.status === "INPROGRESS" && action.progress ? `${action.progress} %` : "";
    const seconds = action.seconds == null ? "" : `${Math.round(action.seconds)} s`;
    const state = MARKS[action.status] ?? "pending";
    const note = [
      state === "waits" ? "waits" : "",
      running,
      seconds,
      action.by && `by ${action.by}`,
    ]
      .filter(Boolean)
      .join(" · ");
    const key = `${run.key} ${action.name}`;
    const fails = () =>
      this.does("fail", { pipeline: run.pipeline, execution: run.id, action: action.name });
    const line = [
      h(
        "span",
        { class: "mark", role: "img", "aria-label": wordOf(action.status) },
        { complete: icon("check"), error: icon("close") }[state],
      ),
      h("span", { class: "title" }, action.name),
      action.will_fail && h("span", { class: "badge" }, "will fail"),
      h("span", { class: "note" }, note),
    ];
    const log = () =>
      h(
        "details",
        {
          class: `log ${state}`,
          open: this.opened.get(`log ${key}`),
          ontoggle: ({ target }) =>
            target.isConnected && this.opened.set(`log ${key}`, target.open),
        },
        h("summary", { "data-key": `log ${key}`, title: "Show its log" }, line),
        h("pre", { tabindex: 0 }, action.logs.slice(-20).join("\n")),
      );
    return h(
      "li",
      { class: `task ${state}` },
      action.logs.length ? log() : line,
      (run.can.cancel || run.can.retry) &&
        action.can_fail &&
        !action.will_fail &&
        h(
          "button",
          {
            type: "button",
            class: "link fail",
            "data-key": `fail ${key}`,
            "aria-label": `Let ${action.name} fail`,
            onclick: fails,
          },
          "let fail",
        ),
    );
  }
}
