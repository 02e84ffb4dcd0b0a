import asyncio, sys, tempfile, collections, argparse, shutil
from pathlib import Path
from tests.crash.zygote import zygote
from tests.crash.campaign import Campaign, Wish
from tests.crash.report import Tally
from tests.postgres import server
import contextlib, time

async def main(told):
    with contextlib.ExitStack() as stack:
        srv = stack.enter_context(server()) if told.database == "postgresql" else None
        folder = Path(tempfile.mkdtemp())
        print(folder)
        async with zygote() as z:
            c = Campaign(z, folder, Wish(kills=told.kills, stops=told.stops, restarts=told.restarts, seed=told.seed, only=told.only, universes=told.universes, troubled=told.troubled), srv)
            t = time.monotonic()
            await c.run()
        tally = Tally.of(told.database, [c])
        print(tally)
        for b in tally.broken: print(b)
        print(time.monotonic()-t)
        for r in sorted(c.results, key=lambda r: -r.seconds)[:10]: print(round(r.seconds,2), r.strike, r.is_struck)
        print("missed", sum(not r.is_struck and bool(r.strike.boundary) for r in c.results))
p = argparse.ArgumentParser()
p.add_argument("--database", default="sqlite"); 
for n in ("kills","stops","restarts","seed"): p.add_argument("--"+n, type=int, default=0)
p.add_argument("--universes", type=int, default=2)
p.add_argument("--only", default=""); p.add_argument("--troubled", action="store_true")
asyncio.run(main(p.parse_args()))
