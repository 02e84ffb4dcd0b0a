/**
 * Remembers what this person may see, and tells listeners what changed. Every event brings the
 * present state of a thing whole, so an event that comes twice changes nothing.
 */

export class World extends EventTarget {
  /** `zone` is the reader's time zone. */
  constructor(zone = Intl.DateTimeFormat().resolvedOptions().timeZone) {
    super();
    this.zone = zone;
    this.everybody = new Map();
    this.places = new Map();
    this.seq = 0;
  }

  /** Begin with a snapshot, or begin anew with another one. */
  load(snapshot) {
    Object.assign(this, {
      id: snapshot.world,
      me: snapshot.me,
      team: snapshot.team,
      app: snapshot.app,
      switch: snapshot.switch,
      commands: snapshot.commands,
      shortcuts: snapshot.shortcuts,
      buddy: snapshot.buddy,
      trouble: snapshot.trouble,
      views: snapshot.modals.views,
    });
    this.everybody = new Map(snapshot.people.map((one) => [one.id, one]));
    this.places = new Map(snapshot.channels.map((one) => [one.id, one]));
    this.messages = new Map();
    snapshot.messages.forEach((message) => this.put(message));
    this.notes = new Map([
      ...(this.notes ?? []),
      ...snapshot.ephemerals.map((note) => [keyOf(note), note]),
    ]);
    this.setClock(snapshot.clock);
    this.reached(snapshot.seq);
  }

  put(message) {
    const list = this.messages.get(message.channel) ?? [];
    const at = list.findIndex((one) => one.ts === message.ts);
    if (at >= 0) list[at] = message;
    else list.push(message);
    if (at < 0) list.sort(byTime);
    this.messages.set(message.channel, list);
  }

  setClock(clock) {
    this.clock = clock;
    this.clockSince = performance.now();
  }

  reached(seq) {
    this.seq = Math.max(this.seq, seq);
    document.body.dataset.seq = this.seq;
  }

  /** Take an event in, and pass it on to the listeners of its name. */
  hear(name, data) {
    const take = {
      message: () => (data.messages.forEach((one) => this.put(one)), this.count(data)),
      ephemeral: () => this.notes.set(keyOf(data.ephemeral), data.ephemeral),
      channel: () => {
        if (data.gone) this.places.delete(data.gone);
        else this.places.set(data.channel.id, data.channel);
        (data.messages ?? []).forEach((one) => this.put(one));
        (data.people ?? []).forEach((one) => this.everybody.set(one.id, one));
      },
      person: () => this.everybody.set(data.person.id, data.person),
      unread: () => this.count(data),
      modals: () => (this.views = data.views),
      execution: () => this.ran(data.execution),
      trouble: () => (this.trouble = data.trouble),
      clock: () => this.setClock(data.clock),
    }[name];
    take?.();
    this.dispatchEvent(new CustomEvent(name, { detail: data }));
    if (data.seq !== undefined) this.reached(data.seq);
  }

  /** Call `heard` with each event of these names. */
  on(names, heard) {
    for (const name of names.split(" "))
      this.addEventListener(name, ({ detail }) => heard(detail, name));
  }

  count({ channel, unread, mentions, last_read: lastRead }) {
    const place = this.places.get(channel);
    if (place && unread !== undefined)
      Object.assign(
        place,
        { unread, mentions },
        lastRead === undefined ? {} : { last_read: lastRead },
      );
  }

  ran(execution) {
    const pipeline = this.buddy.pipelines.find((one) => one.id === execution.pipeline);
    if (!pipeline) return;
    const at = pipeline.executions.findIndex((one) => one.id === execution.id);
    if (at >= 0) pipeline.executions[at] = execution;
    else pipeline.executions.unshift(execution);
  }

  // What drawing asks

  user(id) {
    return id === "USLACKBOT" ? { id, name: "Slackbot", is_bot: true } : this.everybody.get(id);
  }

  channel(id) {
    return this.places.get(id);
  }

  people() {
    return [...this.everybody.values()].filter((one) => !one.is_bot && one.role !== "deactivated");
  }

  channels() {
    return [...this.places.values()];
  }

  now() {
    return new Date(
      Date.parse(this.clock.now) + (performance.now() - this.clockSince) * this.clock.rate,
    );
  }

  /** The top level of a channel, with replies that were sent to it as well. */
  top(channel) {
    const isOnTop = (one) => (!one.thread_ts || one.broadcast) && (!one.deleted || one.reply_count);
    return (this.messages.get(channel) ?? []).filter(isOnTop);
  }

  /** The same with the private notes in between. */
  timeline(channel) {
    const isMine = (one) => one.channel === channel && !one.deleted && !one.thread_ts;
    return [...this.top(channel), ...[...this.notes.values()].filter(isMine)].sort(byTime);
  }

  thread(channel, ts) {
    const notes = [...this.notes.values()].filter(
      (one) => one.channel === channel && one.thread_ts === ts && !one.deleted,
    );
    const replies = (this.messages.get(channel) ?? []).filter(
      (one) => one.thread_ts === ts && !one.deleted,
    );
    return [...replies, ...notes].sort(byTime);
  }

  message(channel, ts) {
    return (this.messages.get(channel) ?? []).find((one) => one.ts === ts);
  }
}

/** Name a message or private note among all. */
export function keyOf(message) {
  return `${message.kind} ${message.channel} ${message.ts}`;
}

const byTime = (one, other) => (one.ts < other.ts ? -1 : 1);
