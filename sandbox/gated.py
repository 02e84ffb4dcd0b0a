"""Two pipelines whose gates ask for more than one yes: parallel ones, and one for variables."""

from sandbox.buddy import Field, Gate, GateKind, Parallel, Pipeline, SimulatedBuddy, Step
from sandbox.buddy import Person as Colleague


def build_release(buddy: SimulatedBuddy, approver: Colleague) -> Pipeline:
    """Add a pipeline that waits for two people at once."""
    return buddy.pipeline(
        "acme",
        "shop",
        "Release to the app stores",
        identifier="release",
        actions=[
            Step("Package", seconds=10),
            Parallel(
                [
                    Gate("Legal", question="Are the new terms signed?", approvers=[approver]),
                    Gate("Budget", question="Is the campaign paid for?"),
                ]
            ),
            Step("Publish", seconds=20),
        ],
    )


def build_prices(buddy: SimulatedBuddy) -> Pipeline:
    """Add a pipeline whose gate asks for variables."""
    return buddy.pipeline(
        "acme",
        "shop",
        "Change the prices",
        identifier="prices",
        actions=[
            Step("Back up the price list", seconds=5),
            Gate(
                "New prices",
                GateKind.VARIABLES,
                question="What is changed, and where?",
                fields=[
                    Field("PERCENT", value="10", description="Off the list price, from 0 to 90"),
                    Field("COUNTRY", options=("Everywhere", "Germany", "Japan", "Peru")),
                    Field("VOUCHER", init_path="/vouchers.txt", description="Where it counts"),
                    Field("SIGNING_KEY", encrypted=True, description="Of the price server"),
                ],
            ),
            Step("Write the price list", seconds=20),
        ],
    )
