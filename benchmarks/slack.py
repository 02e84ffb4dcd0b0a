"""What servers and load agree on: names, the secret, and Slack's signature."""

import hashlib
import hmac
import time

SECRET = "0123456789abcdef" * 2  # the length of Slack's
TEAM = "T0ACME0001"
COMMAND = "/buddy"
UNIQUE = "UNIQUE"
"""Stands in a body for what differs in every request."""


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """Sign the body as of now. Source: Slack, «Verifying requests from Slack»."""
    timestamp = str(int(time.time()))
    base = b"v0:" + timestamp.encode() + b":" + body
    signature = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}
