/**
 * Talks with the simulator: one snapshot, one stream of events down, requests up. Nothing here
 * decides anything; a request that could not be made is an answer that says so.
 */

export class Server {
  constructor(me) {
    this.me = me;
    this.source = null;
  }

  path(name, more = {}) {
    const query = new URLSearchParams({ ...(this.me ? { as: this.me } : {}), ...more });
    return `/api/${name}?${query}`;
  }

  async get(name, more) {
    const answer = await fetch(this.path(name, more));
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message ?? body.error);
    return body;
  }

  /** Send what a person did. `ok` is false, with a `message`, where the sandbox itself refused. */
  async post(name, body = {}) {
    try {
      const answer = await fetch(this.path(name), {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Greenlight-Sandbox": "1" },
        body: JSON.stringify(body),
      });
      const told = await answer.json();
      return answer.ok
        ? told
        : { ok: false, warning: told.error, message: told.message ?? told.error };
    } catch {
      return {
        ok: false,
        warning: "offline",
        message: "The sandbox does not answer. Is it still running?",
      };
    }
  }

  press(on, blockId, actionId, state, values) {
    return this.post("press", {
      on,
      block_id: blockId,
      action_id: actionId,
      state,
      values: values || undefined,
    });
  }

  options(on, blockId, actionId, query, values) {
    return this.post("options", {
      on,
      block_id: blockId,
      action_id: actionId,
      query,
      values: values || undefined,
    });
  }

  submit(view, values) {
    return this.post("submit", { view, values });
  }

  close(view) {
    return this.post("close", { view });
  }

  /** Follow what happens, from a number on. `heard(name, data)` is told each event, `lost(is)` breaks. */
  follow({ world, seq, inspect = false }, heard, lost) {
    this.source?.close();
    const source = new EventSource(
      this.path("stream", { world, from: seq, ...(inspect ? { inspect: 1 } : {}) }),
    );
    for (const name of EVENTS)
      source.addEventListener(
        name,
        (event) => source === this.source && heard(name, JSON.parse(event.data)),
      );
    source.addEventListener("open", () => lost(false));
    source.addEventListener("error", () => {
      lost(true);
      // A browser gives up on an answer that is no stream; a sandbox that starts again may give one.
      if (source.readyState === EventSource.CLOSED && source === this.source)
        setTimeout(() => heard("reset", {}), 1000);
    });
    this.source = source;
  }
}

const EVENTS = [
  "message",
  "ephemeral",
  "channel",
  "person",
  "unread",
  "modals",
  "home",
  "execution",
  "trouble",
  "clock",
  "exchange",
  "upto",
  "reset",
];
