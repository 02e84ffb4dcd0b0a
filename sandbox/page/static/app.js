/**
 * Puts the page together: who looks, what they may see, and the panes around it.
 */

import { Buddy } from "./buddy.js";
import { h } from "./dom.js";
import { Hint } from "./hint.js";
import { Inspector } from "./inspector.js";
import { meaningOf, openOutside } from "./links.js";
import { Painter } from "./messages.js";
import { Room } from "./room.js";
import { Server } from "./server.js";
import { Sidebar } from "./sidebar.js";
import { strip } from "./strip.js";
import { Thread } from "./thread.js";
import { Modals } from "./views.js";
import { showToken } from "./tokens.js";
import { World } from "./world.js";

const WIDE = matchMedia("(min-width: 1024px)");
const AGAIN_MS = 1000;

class App {
  constructor() {
    this.server = new Server(new URLSearchParams(location.search).get("as"));
    this.world = new World();
    const { world, server } = this;
    const panes = () => this.panes();
    const type = (text) => this.type(text);
    const painter = new Painter(world, server, {
      opens: (message) => this.openThread(message.channel, message.thread_ts ?? message.ts),
      raw: (message) => this.inspector.message(message),
      dismiss: (note) => world.hear("ephemeral", { ephemeral: { ...note, deleted: true } }),
    });
    this.room = new Room(world, server, painter, (id) => this.opened(id));
    this.sidebar = new Sidebar(world, (id) => this.room.open(id));
    this.thread = new Thread(world, server, painter, panes);
    this.buddy = new Buddy(world, server, { type, closed: panes });
    this.inspector = new Inspector(world, server, () => (this.follow(), this.panes()));
    this.hint = new Hint(world, {
      push: (pipeline) => this.buddy.push(pipeline),
      type,
      approve: (message) => this.room.reveal(message),
    });
  }

  async start() {
    const { world, server } = this;
    world.load(await server.get("snapshot"));
    server.me = world.me;
    document.title = `${world.team.name} (simulated)`;
    this.modals = new Modals(world, server);
    this.build();
    this.listen();
    world.hear("reset", {});
    const places = world.channels();
    const asked = world.channel(location.hash.slice(1));
    this.room.open((asked ?? places.find((one) => one.is_member) ?? places[0]).id);
    this.follow();
  }

  build() {
    this.strip = strip(this.world, {
      side: (isShown) => this.panes({ side: isShown }),
      buddy: () => (
        (this.buddy.node.hidden = !this.buddy.node.hidden),
        this.panes({ latest: "buddy" })
      ),
      inspector: () => this.inspector.toggle(),
    });
    const skip = (event) => (event.preventDefault(), this.room.composer.field.focus());
    this.room.above.append(this.hint.node);
    this.buddy.node.hidden = !WIDE.matches;
    document.body.prepend(
      h("a", { class: "skip", href: "#place", onclick: skip }, "Skip to the message field"),
      this.strip.node,
      this.sidebar.node,
      this.room.node,
      this.thread.node,
      this.buddy.node,
      this.inspector.node,
    );
    this.panes();
  }

  listen() {
    const { world, room } = this;
    world.on("modals reset", () => this.modals.show(world.views));
    world.on("channel", () => room.place || room.open(world.channels()[0].id));
    world.visit = (url) => this.visit(url) || openOutside(url);
    document.addEventListener(
      "keydown",
      (event) => event.key === "Escape" && this.panes({ side: false }),
    );
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href^=http]");
      if (link && this.visit(link.href)) event.preventDefault();
      if (!event.target.closest?.(".sidebar, .strip")) this.panes({ side: false });
    });
    addEventListener(
      "hashchange",
      () => world.channel(location.hash.slice(1)) && room.open(location.hash.slice(1)),
    );
  }

  /** Open the stream from where the page stands; a gap too wide begins anew with a snapshot. */
  follow() {
    const { world, server } = this;
    const from = { world: world.id, seq: world.seq, inspect: this.inspector.isOpen };
    const heard = (name, data) => (name === "reset" ? this.again() : world.hear(name, data));
    server.follow(from, heard, this.strip.lost);
  }

  async again() {
    const { world, server } = this;
    server.source.close();
    try {
      const snapshot = await server.get("snapshot");
      // Another world knows nothing of what stood here.
      if (snapshot.world !== world.id) return location.reload();
      world.load(snapshot);
      world.hear("reset", {});
      this.follow();
    } catch {
      this.strip.lost(true);
      setTimeout(() => this.again(), AGAIN_MS);
    }
  }

  opened(id) {
    history.replaceState(null, "", `${location.pathname}${location.search}#${id}`);
    this.sidebar.draw(id);
    this.panes({ side: false });
  }

  openThread(channel, ts) {
    this.thread.open(channel, ts);
    this.panes({ latest: "thread" });
  }

  /** Take over which panes are open. Where there is no room for two, the latest covers the other. */
  panes({ latest = this.latest, side = this.side ?? false } = {}) {
    const open = {
      thread: !this.thread.node.hidden,
      buddy: !this.buddy.node.hidden,
      inspector: this.inspector.isOpen,
      side,
    };
    this.latest = open[latest] ? latest : open.thread ? "thread" : "buddy";
    this.side = side;
    for (const [name, isOpen] of Object.entries(open))
      document.body.classList.toggle(`with-${name}`, isOpen);
    document.body.dataset.latest = this.latest;
    this.strip.press(open);
  }

  /** Put a command into the composer, and make sure that it can be seen. */
  type(text) {
    if (!WIDE.matches) this.buddy.close();
    this.room.composer.put(text);
  }

  /** Follow a link: true if it leads into this page. */
  visit(href) {
    const { channel, ts, thread, inBuddy, run } = meaningOf(href, this.world);
    const message = channel && this.world.message(channel, thread ?? ts);
    if (run) {
      this.buddy.node.hidden = false;
      this.panes({ latest: "buddy" });
      this.buddy.reveal(run);
    } else if (inBuddy) {
      showToken(this.server);
    } else if (message) {
      this.room.reveal(message);
      if (thread) this.openThread(channel, thread);
    }
    return Boolean(inBuddy || message);
  }
}

const app = new App();
app
  .start()
  .catch((error) =>
    document.body.replaceChildren(
      h("p", { class: "broken", role: "alert" }, `The sandbox does not answer: ${error.message}`),
    ),
  );
