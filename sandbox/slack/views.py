"""Modals, which pile up in front of a person, and Home tabs. Source: Slack, «Modals»."""

from collections.abc import Callable
from typing import Any

from sandbox.slack.ids import Ids
from sandbox.slack.reading import Reader
from sandbox.slack.refusal import Refusal
from sandbox.slack.shape import complete
from sandbox.slack.surfaces import View

MAX_STACK = 3
"""Source: Slack, «Modals»: a stack holds up to three views."""


class Views:
    """Every view that was ever shown, and each person's stack of open modals."""

    def __init__(self, ids: Ids, reader: Reader, changed: Callable[[str, object], None]) -> None:
        self.homes: dict[str, View] = {}
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[View]] = {}
        self._ids = ids
        self._reader = reader
        self._changed = changed

    @property
    def modals(self) -> list[View]:
        """All modals, open or closed, oldest first."""
        return [view for view in self._views.values() if view.kind == "modal"]

    def stack(self, user: str) -> list[View]:
        """List the open modals of a person, the one on top last."""
        return list(self._stacks.get(user, ()))

    def top(self, user: str) -> View | None:
        """Find the modal that a person sees."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def find(self, key: object, external_id: object) -> View | None:
        """Find an open view by its id or its ``external_id``."""
        for view in self._views.values():
            is_meant = view.id == key or (external_id and view.external_id == external_id)
            if is_meant and view.is_open:
                return view
        return None

    def open(self, user: str, spec: dict[str, Any]) -> View:
        """Open a modal; one that is open already gives way."""
        self.clear(user)
        view = self._new(user, spec)
        self._stacks[user] = [view]
        self._changed("view", view)
        return view

    def push(self, user: str, spec: dict[str, Any]) -> View:
        """Put a modal on top of the open ones."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= MAX_STACK:
            raise Refusal("push_limit_reached")
        view = self._new(user, spec)
        if stack:
            view.root, view.previous = stack[0].root, stack[-1].id
        stack.append(view)
        self._changed("view", view)
        return view

    def update(self, view: View, spec: dict[str, Any]) -> None:
        """Replace a view's content; what was typed stays where the ids stay. It is news again."""
        self._check_external_id(spec, view)
        view.spec = spec
        view.layout = complete(spec["blocks"], self._ids)
        view.hash = self._ids.view_hash()
        view.seen = False
        self._changed("view.edited", view)

    def close(self, view: View) -> None:
        """Close one modal; the one below shows again."""
        stack = self._stacks.get(view.owner, [])
        if view in stack:
            stack.remove(view)
        view.is_open = False
        self._changed("view.closed", view)

    def clear(self, user: str) -> None:
        """Close all modals of a person."""
        for view in reversed(self._stacks.pop(user, [])):
            self.close(view)

    def publish(self, user: str, spec: dict[str, Any]) -> View:
        """Show somebody's Home tab."""
        if (home := self.homes.get(user)) is not None:
            self.update(home, spec)
            return home
        home = self.homes[user] = self._new(user, spec)
        self._changed("view", home)
        return home

    def _new(self, user: str, spec: dict[str, Any]) -> View:
        self._check_external_id(spec, None)
        key = self._ids.make("V", "view")
        view = View(
            reader=self._reader,
            source="",
            layout=complete(spec["blocks"], self._ids),
            id=key,
            owner=user,
            spec=spec,
            hash=self._ids.view_hash(),
            root=key,
        )
        self._views[key] = view
        return view

    def _check_external_id(self, spec: dict[str, Any], own: View | None) -> None:
        wanted = spec.get("external_id")
        taken = (one for one in self._views.values() if one.is_open and one is not own)
        if wanted and any(one.external_id == wanted for one in taken):
            raise Refusal("duplicate_external_id")
