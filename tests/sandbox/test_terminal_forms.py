"""The form that starts a run, filled in before the terminal."""

from tests.sandbox.terminal_desk import desk


async def test_a_run_from_the_terminal() -> None:
    """A pipeline is searched, its fields are asked for one by one, and it runs."""
    async with desk() as at:
        await at.types("as maya")
        opened = await at.types("/buddy run")
        assert "a form, before maya" in opened
        assert "Type a part of it to search." in opened
        assert at.session.prompt == "Pipeline ▸ "
        many = await at.types("web shop")
        assert "Type more of one of these:" in many
        assert "Web Shop / Ship a hotfix" in many
        assert "Nothing is found" in await at.types("no such thing")

        fields = await at.types("hotfix")
        assert "runs for main, hotfix/*" in fields.replace("`", "")
        assert at.session.prompt == "Branch, tag or pull request ▸ "
        await at.types("main", "")
        assert at.session.prompt == "STAGE ▸ "
        assert "Type more of one of these" in await at.types("moon")
        await at.types("live", "SHOP-12")
        assert at.session.prompt == "REVIEWERS (Enter leaves it) ▸ "
        await at.types("", "", "", "as agreed", "clear", "high")
        assert at.session.prompt == "Start at (may stay empty) ▸ "
        assert "Type a moment" in await at.types("soon")
        sent = await at.types("23:59")
        assert "(maya presses [Run])" in sent
        assert "is asked for, to start" in sent
        [run] = at.shop.pipelines["hotfix"].runs
        assert (run.order.branch, run.order.priority, run.order.clear_cache) == (
            "main",
            "HIGH",
            True,
        )
        told = {one.key: one.value for one in run.order.variables}
        assert told == {"STAGE": "live", "TICKET": "SHOP-12", "REVIEWERS": "ben, maya"}


async def test_a_form_is_sent_as_it_stands() -> None:
    """``send`` leaves the rest; a channel is typed like a channel."""
    async with desk() as at:
        await at.types("as maya", "shortcut run")
        await at.types("deploy to production")
        assert at.session.prompt == "Branch, tag or pull request (may stay empty) ▸ "
        wrong = await at.types("send")
        assert "Please complete this required field." in wrong
        assert at.session.prompt == "Channel ▸ "
        sent = await at.types("#deployments")
        assert "is asked for. Its card appears in #deployments" in sent
        assert len(at.shop.deploy.runs) == 1
