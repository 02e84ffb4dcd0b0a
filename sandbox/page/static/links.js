/**
 * Where a click on a link leads: into this page, for what the simulator itself shows; else to a new
 * window.
 */

/**
 * Tell what a link means here: an execution of Buddy, whose web app is the panel, a message of this
 * workspace, or nothing of ours.
 */
export function meaningOf(href, world) {
  const { buddy, team } = world;
  if (!URL.canParse(href)) return {};
  const { pathname, searchParams } = new URL(href);
  if (href.startsWith(team.url)) {
    const [, channel, ts] = /^\/archives\/(\w+)\/p(\d{16})$/.exec(pathname) ?? [];
    if (!world.channel(channel)) return {};
    const stamp = `${ts.slice(0, 10)}.${ts.slice(10)}`;
    return { channel, ts: stamp, thread: searchParams.get("thread_ts") };
  }
  if (!href.startsWith(buddy.url)) return {};
  const runs = buddy.pipelines.flatMap((pipeline) => pipeline.executions);
  const run = runs.find((one) => new URL(buddy.url + one.path).pathname === pathname);
  return { inBuddy: true, run: run?.key };
}

/** Open an address in a window of its own, if it is one that a browser may follow. */
export function openOutside(url) {
  if (/^https?:/i.test(url)) open(url, "_blank", "noopener,noreferrer");
}
