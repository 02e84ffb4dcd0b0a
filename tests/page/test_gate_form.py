"""A gate's variables are filled in on the page, and two gates are told apart by their buttons."""

import re

from playwright.async_api import expect

from tests.page.browser import in_chromium
from tests.page.desk import Desk
from tests.page.test_access import findings

pytestmark = in_chromium


async def test_a_gate_gets_its_variables(desk: Desk) -> None:
    """Text, a menu, and a field that Slack cannot mask; a mistake stands at its field."""
    await desk.shop.connect("maya")
    colleague = desk.shop.players["maya"].colleague
    assert colleague is not None
    run = desk.shop.pipelines["prices"].run(by=colleague)
    await desk.passes(10)
    maya = await desk.window("maya")
    await maya.says("/buddy show shop/prices#1")
    await desk.settled()
    await maya.button("Provide variables…", maya.card).click()
    await desk.settled()
    await expect(maya.modal).to_have_accessible_name("Provide variables")
    await expect(maya.modal).to_contain_text("What is changed, and where?")
    await expect(maya.modal).to_contain_text("Slack cannot mask this field")
    assert await findings(maya) == []
    percent = maya.modal.get_by_role("textbox", name="PERCENT")
    await expect(percent).to_have_value("10")
    await percent.fill("15")
    await maya.modal.get_by_role("combobox", name="COUNTRY").click()
    await maya.page.get_by_role("option", name="Peru").click()
    await maya.modal.get_by_role("textbox", name="VOUCHER").fill("<b>SUMMER</b>")
    await maya.button("Send", maya.modal).click()
    await expect(maya.modal).to_contain_text("Please complete this required field")

    await maya.modal.get_by_role("textbox", name="SIGNING_KEY").fill("s1gn-here")
    await maya.button("Send", maya.modal).click()
    await desk.settled()

    await expect(maya.modal).to_have_count(0)
    await expect(maya.card).to_contain_text("Running")
    assert {value.key: value.value for value in run.action("New prices").passed} == {
        "PERCENT": "15",
        "COUNTRY": "Peru",
        "VOUCHER": "<b>SUMMER</b>",
        "SIGNING_KEY": "s1gn-here",
    }
    await maya.card.get_by_role("button", name=re.compile("Open thread")).click()
    await expect(maya.thread).to_contain_text("Given: PERCENT, COUNTRY, VOUCHER and SIGNING_KEY")
    await expect(maya.page.get_by_text("s1gn-here")).to_have_count(0)
