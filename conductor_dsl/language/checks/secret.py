"""CDX601: something that looks like a password or a secret key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.diagnostics import Diagnostic, error
from conductor_dsl.language.source import Span
from conductor_dsl.language.vocabulary import Context

SECRETS = re.compile(
    r"""
    (?<![A-Za-z0-9])(?:
        [rs]k_(?:live|test)_[A-Za-z0-9]{16,}    # Stripe
      | AKIA[0-9A-Z]{16}                        # Amazon
      | gh[pousr]_[A-Za-z0-9]{36,}              # GitHub
      | xox[abprs]-[A-Za-z0-9-]{10,}            # Slack
      | SG\.[\w-]{16,}\.[\w-]{16,}              # SendGrid
      | (?:AC|SK)[0-9a-f]{32}                   # Twilio
      | key-[0-9a-f]{32}                        # Mailgun
      | eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}  # a JSON web token
      | AIza[\w-]{35}                           # Google
    )
    | -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \b[a-z][a-z0-9+.-]*://[^\s/@:"{}]+:[^\s/@"{}]+@
    """,
    re.VERBOSE,
)


def check_secret(file: BoundFile, _: Context) -> Iterator[Diagnostic]:
    """Every such place of the source, comments included; the finding does not repeat the secret."""
    for match in SECRETS.finditer(file.source.text):
        hint = "take it out and change it; secrets belong into the environment, and scripts get shared"
        yield error("CDX601", Span(*match.span()), "this looks like a secret key", hint)
