"""A simulated Buddy, written from public documentation.

Each behaviour names its source, or says "inferred" (nobody says it outright) or "unknown, chosen".
The sources are pages of buddy.works and public repositories, as of autumn 2026:

    S2   docs/api/pipelines/executions/cancel-retry-approve     S1   its oldest form
    S3   docs/api/pipelines/executions/get                      S4   docs/api/executions/…
    S5   docs/api/pipelines/executions/list                     S6   …/run
    S7   docs/api/executions/get-action-execution-details       S8   …-logs
    S9   docs/api/runs/get-details-and-logs                     S10  docs/api/pipelines/…
    S11  github.com/buddy/sandbox-sdk, types generated from Buddy's schema
    S12  github.com/buddy/api-go-sdk                            S14  docs/api/getting-started
    S15  docs/api/getting-started/oauth2/personal-access-token  S16  docs/api/platform/account
    S17  docs/api/faq
    S21  docs/pipelines/variables/default-variables
    S24  docs/api/webhooks/create, get; docs/integrations/webhooks
    S25  github.com/Above-codes/buddy-works-bot, a webhook receiver that works
    S32  docs/pipelines/introduction/creating-pipeline/workflow-configuration
    S18  docs/yaml/yaml-actions/wait-for-apply                  S19  …/pass-arguments
    S22, S27  github.com/logikfabrik/BuddyApiClient, test data
    S26  github.com/buddy-works/buddy-works-php-api
    S29  github.com/buddy/terraform-provider-buddy
    S33  blog/yaml-and-api-changes                              S34  …parameterized-executions
    S36  github.com/buddy-works/buddy-cli
    S37  github.com/jtsternberg/buddy-cli
    S38  github.com/buddy/login                                 S40  blog/buddy-cli-action
    S41  docs/api/runs/update/run-scheduled-execution
"""

from sandbox.buddy.actions import Field, Gate, GateKind, Parallel, Step, Value
from sandbox.buddy.errors import Refused
from sandbox.buddy.executions import Execution, Pipeline
from sandbox.buddy.operations import Effect, Operation
from sandbox.buddy.people import Person
from sandbox.buddy.simulator import SimulatedBuddy
from sandbox.buddy.webhooks import StepCall, Webhook
from sandbox.buddy.workspaces import Group, Project, Workspace

__all__ = [
    "Effect",
    "Execution",
    "Field",
    "Gate",
    "GateKind",
    "Group",
    "Operation",
    "Parallel",
    "Person",
    "Pipeline",
    "Project",
    "Refused",
    "SimulatedBuddy",
    "Step",
    "StepCall",
    "Value",
    "Webhook",
    "Workspace",
]
