"""Ask for metrics as Prometheus does, and read the answer."""

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.app import Bot


def sampled(text: str) -> dict[str, float]:
    """Read the samples by name and labels, which stand in the order of their names."""
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def asked(url: str, path: str = "/metrics", accept: str = "text/plain") -> tuple[int, str]:
    """Ask without signing in; status and body."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(url + path, headers={"Accept": accept}) as answer,
    ):
        return answer.status, await answer.text()


async def scraped(bot: Bot) -> dict[str, float]:
    """Read what a running bot tells."""
    status, text = await asked(bot.metrics_url)
    assert status == 200
    return sampled(text)
