"""The pages that people see: small, without scripts, and readable on a phone."""

from __future__ import annotations

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
  body {{ font: 1.1rem/1.5 system-ui, sans-serif; margin: 0; background: #f4f4f2; color: #1d1d1b; }}
  main {{ max-width: 30rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: .75rem; }}
  h1 {{ font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }}
  blockquote {{ margin: 0 0 1rem; padding-left: 1rem; border-left: .25rem solid #c9c9c4; }}
  button {{ font: inherit; padding: .75rem 1.25rem; margin: .5rem .5rem 0 0; border-radius: .5rem; cursor: pointer;
    border: 1px solid #1d1d1b; background: #1d1d1b; color: #fff; }}
  button.other {{ background: #fff; color: #1d1d1b; }}
</style>
</head>
<body><main>
<h1>{title}</h1>
{body}
</main></body>
</html>
"""


def ask(brand: str, purpose: str) -> str:
    """Whether somebody wants to leave a list; nothing has changed yet."""
    shop, what = escape(brand or "This shop"), escape(purpose)
    body = (
        f"<p>{shop} sends you:</p>\n<blockquote>{what}</blockquote>\n"
        '<form method="post"><button>Unsubscribe</button>'
        '<button class="other" name="everything" value="1">From everything</button></form>'
    )
    return _page("Unsubscribe?", body)


def done(brand: str, purpose: str) -> str:
    """They have left; `purpose` is empty where they have left everything."""
    shop = escape(brand or "This shop")
    if not purpose:
        return _page("You are unsubscribed", f"<p>{shop} sends you nothing more that you can unsubscribe from.</p>")
    return _page(
        "You are unsubscribed", f"<p>{shop} no longer sends you:</p>\n<blockquote>{escape(purpose)}</blockquote>"
    )


def ask_to_confirm(brand: str, purpose: str) -> str:
    """Whether somebody wants a list; nothing has changed yet."""
    shop, what = escape(brand or "This shop"), escape(purpose)
    body = f"<p>{shop} would send you:</p>\n<blockquote>{what}</blockquote>\n"
    return _page("Is that what you want?", body + '<form method="post"><button>Yes</button></form>')


def confirmed(brand: str, purpose: str) -> str:
    """They have said yes."""
    shop = escape(brand or "This shop")
    return _page("Thank you", f"<p>{shop} sends you from now on:</p>\n<blockquote>{escape(purpose)}</blockquote>")


def unknown() -> str:
    """The link is not whole, or was made by somebody else."""
    return _page("This link does not work", "<p>It may have been cut. Please open it from the message once more.</p>")


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=escape(title), body=body)
