"""What Slack accepts inside blocks: text objects, buttons, menus, inputs, rich text.

Source of every number: Slack, Block Kit reference, «Composition objects» and «Block elements».
"""

from collections.abc import Mapping

from sandbox.slack.schema import (
    Rule,
    any_field_of,
    anything,
    array,
    boolean,
    both,
    enum,
    fields,
    integer,
    number,
    string,
    typed,
    url,
)

ACTION_ID = string(255)


def plain(most: int) -> Rule:
    """Accept a ``plain_text`` object and no mrkdwn."""
    return typed({"plain_text": fields({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Rule:
    """Accept a text object of either kind."""
    return typed(
        {
            "plain_text": fields({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": fields({"text": string(most)}, {"verbatim": boolean}),
        }
    )


CONFIRM = fields(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": enum("primary", "danger")},
)
STYLE = enum("primary", "danger")
_DISPATCH = fields(
    {"trigger_actions_on": array(enum("on_enter_pressed", "on_character_entered"), 2)}
)


def _option(label: Rule) -> Rule:
    return fields({"text": label, "value": string(150)}, {"description": text(75), "url": url()})


_OPTION = _option(plain(75))
_OPTIONS = array(_OPTION, 100)
_GROUPS = array(fields({"label": plain(75), "options": _OPTIONS}), 100)
# «Radio buttons» and «Checkboxes» take at most ten; their options may be mrkdwn.
_FEW_OPTIONS = array(_option(text(75)), 10)
_FEW_INITIAL = array(_option(text(75)), 10)
_ONE_OF_TEN = _option(text(75))
SUGGESTIONS = fields({}, {"options": array(_OPTION, 100, 0), "option_groups": _GROUPS})
"""What may answer a ``block_suggestion``; an empty list of options means that nothing fits."""

_COMMON: dict[str, Rule] = {
    "action_id": ACTION_ID,
    "confirm": CONFIRM,
    "focus_on_load": boolean,
    "placeholder": plain(150),
}
_FILTER = fields(
    {},
    {
        "include": array(enum("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def _menu(needs: Mapping[str, Rule], may: Mapping[str, Rule]) -> Rule:
    return fields(needs, {**_COMMON, **may})


def _typing(least: int = 0, **may: Rule) -> Rule:
    """Describe a field to type into: text, email, address."""
    known: dict[str, Rule] = {
        "action_id": ACTION_ID,
        "placeholder": plain(150),
        "focus_on_load": boolean,
        "dispatch_action_config": _DISPATCH,
        "initial_value": string(3000, least),
    }
    return fields({}, {**known, **may})


_BUTTON = fields(
    {"text": plain(75)},
    {
        "action_id": ACTION_ID,
        "url": url(),
        "value": string(2000, 0),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(75),
        "visible_to_user_ids": array(string()),
        "agent_prompt": string(4000),
        "agent_prompt_display": anything,
    },
)
IMAGE = both(
    fields(
        {"alt_text": string(2000)},
        {"image_url": url(), "slack_file": anything},
    ),
    any_field_of("image_url", "slack_file"),
)
_SELECTS: dict[str, Rule] = {
    "static_select": both(
        _menu({}, {"options": _OPTIONS, "option_groups": _GROUPS, "initial_option": _OPTION}),
        any_field_of("options", "option_groups"),
    ),
    "external_select": _menu({}, {"initial_option": _OPTION, "min_query_length": integer(0, 100)}),
    "users_select": _menu({}, {"initial_user": string()}),
    "conversations_select": _menu(
        {},
        {
            "initial_conversation": string(),
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": _FILTER,
        },
    ),
    "channels_select": _menu({}, {"initial_channel": string(), "response_url_enabled": boolean}),
}
_SOME = {"max_selected_items": integer(1, 1000)}
_MULTI_SELECTS: dict[str, Rule] = {
    "multi_static_select": both(
        _menu(
            {},
            {"options": _OPTIONS, "option_groups": _GROUPS, "initial_options": _OPTIONS, **_SOME},
        ),
        any_field_of("options", "option_groups"),
    ),
    "multi_external_select": _menu(
        {}, {"initial_options": _OPTIONS, "min_query_length": integer(0, 100), **_SOME}
    ),
    "multi_users_select": _menu({}, {"initial_users": array(string()), **_SOME}),
    "multi_conversations_select": _menu(
        {},
        {
            "initial_conversations": array(string()),
            "default_to_current_conversation": boolean,
            "filter": _FILTER,
            **_SOME,
        },
    ),
    "multi_channels_select": _menu({}, {"initial_channels": array(string()), **_SOME}),
}
_CHOICES: dict[str, Rule] = {
    "checkboxes": _menu({"options": _FEW_OPTIONS}, {"initial_options": _FEW_INITIAL}),
    "radio_buttons": _menu({"options": _FEW_OPTIONS}, {"initial_option": _ONE_OF_TEN}),
    "datepicker": _menu({}, {"initial_date": string(10, 10)}),
    "timepicker": _menu({}, {"initial_time": string(5, 5), "timezone": string()}),
}
_MOMENT: dict[str, Rule] = {
    # Unix seconds of ten digits. Source: «Datetime picker element».
    "datetimepicker": _menu({}, {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
}
_PRESSED: dict[str, Rule] = {
    "button": _BUTTON,
    "overflow": fields(
        {"options": array(_OPTION, 5, 2)}, {"action_id": ACTION_ID, "confirm": CONFIRM}
    ),
    "workflow_button": fields(
        {"text": plain(75), "workflow": anything},
        {"action_id": ACTION_ID, "style": STYLE, "accessibility_label": string(75)},
    ),
}
_TYPED: dict[str, Rule] = {
    "plain_text_input": _typing(
        multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000)
    ),
    "email_text_input": _typing(),
    "url_text_input": _typing(),
    "number_input": both(
        fields(
            {"is_decimal_allowed": boolean},
            {
                "action_id": ACTION_ID,
                "placeholder": plain(150),
                "focus_on_load": boolean,
                "dispatch_action_config": _DISPATCH,
                "initial_value": string(),
                "min_value": string(),
                "max_value": string(),
            },
        ),
    ),
    "rich_text_input": fields(
        {},
        {
            "action_id": ACTION_ID,
            "placeholder": plain(150),
            "focus_on_load": boolean,
            "dispatch_action_config": _DISPATCH,
            "initial_value": anything,
            "min_lines": integer(1, 100),
            "max_lines": integer(1, 100),
        },
    ),
    "file_input": fields(
        {},
        {"action_id": ACTION_ID, "filetypes": array(string()), "max_files": integer(1, 10)},
    ),
}

ACCESSORY = typed({**_PRESSED, **_SELECTS, **_MULTI_SELECTS, **_CHOICES, "image": IMAGE})
IN_ACTIONS = typed({**_PRESSED, **_SELECTS, **_CHOICES, **_MOMENT})
IN_INPUT = typed({**_TYPED, **_SELECTS, **_MULTI_SELECTS, **_CHOICES, **_MOMENT})
BUTTON = typed({"button": _BUTTON})
FEEDBACK = typed(
    {
        "feedback_buttons": fields(
            {"positive_button": anything, "negative_button": anything}, {"action_id": ACTION_ID}
        ),
        "icon_button": fields(
            {"icon": string(), "text": plain(75)},
            {
                "action_id": ACTION_ID,
                "value": string(2000, 0),
                "confirm": CONFIRM,
                "accessibility_label": string(75),
                "visible_to_user_ids": array(string()),
            },
        ),
    }
)
URL_SOURCE = typed({"url": fields({"url": url(), "text": string()})})

_MARKS = fields({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_RICH: dict[str, Rule] = {
    "text": fields({"text": string()}, {"style": _MARKS}),
    "link": fields({"url": url()}, {"text": string(), "style": _MARKS, "unsafe": boolean}),
    "emoji": fields(
        {"name": string()}, {"unicode": string(), "skin_tone": integer(1, 6), "style": _MARKS}
    ),
    "user": fields({"user_id": string()}, {"style": _MARKS}),
    "usergroup": fields({"usergroup_id": string()}, {"style": _MARKS}),
    "channel": fields({"channel_id": string()}, {"style": _MARKS}),
    "broadcast": fields({"range": enum("channel", "here", "everyone")}, {"style": _MARKS}),
    "date": fields(
        {"timestamp": number, "format": string()},
        {"url": url(), "fallback": string(), "style": _MARKS},
    ),
    "color": fields({"value": string()}, {"style": _MARKS}),
    "team": fields({"team_id": string()}, {"style": _MARKS}),
}
_BORDER = {"border": integer(0, 1)}
_SECTION = fields({"elements": array(typed(_RICH), least=0)})
RICH_TEXT = fields(
    {
        "elements": array(
            typed(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_quote": fields({"elements": array(typed(_RICH), least=0)}, _BORDER),
                    "rich_text_preformatted": fields(
                        {
                            "elements": array(
                                typed({"text": _RICH["text"], "link": _RICH["link"]}), least=0
                            )
                        },
                        {**_BORDER, "language": string()},
                    ),
                    "rich_text_list": fields(
                        {
                            "style": enum("bullet", "ordered"),
                            "elements": array(typed({"rich_text_section": _SECTION})),
                        },
                        {**_BORDER, "indent": integer(0, 8), "offset": integer(0, 10_000)},
                    ),
                }
            )
        )
    },
    {"block_id": string(255)},
)
RICH_TEXT_OBJECT = typed({"rich_text": RICH_TEXT})
