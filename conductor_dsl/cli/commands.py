"""Every command, the module it lives in, and what it is for.

To add a command, write a module with a `click` command named `command`, and add a line here. A module is imported only
when its command is used, so that `conductor check` starts fast whatever the others need.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "init": ("conductor_dsl.cli.init", "Make a project from one of the examples."),
        "check": ("conductor_dsl.cli.check", "Find mistakes in scripts before anybody gets a message."),
        "test": ("conductor_dsl.cli.test", "Play the tests in scripts on the real engine, with a clock that is moved."),
        "fmt": ("conductor_dsl.cli.fmt", "Lay scripts out in the one agreed way."),
        "import": ("conductor_dsl.cli.import_", "Read contacts, orders, products and other files."),
        "run": ("conductor_dsl.cli.run", "Do whatever is due once, and exit."),
        "serve": ("conductor_dsl.cli.serve", "Run the conversations until told to stop."),
        "status": ("conductor_dsl.cli.status", "Show what became of everybody, step by step."),
        "ambiguous": ("conductor_dsl.cli.ambiguous", "List messages of which nobody knows whether they were sent."),
        "dead": ("conductor_dsl.cli.dead", "List messages that were tried in vain, and try them again."),
        "quarantine": ("conductor_dsl.cli.quarantine", "List contacts at whom a step fails, and set them free."),
        "replies": ("conductor_dsl.cli.replies", "List replies that may ask for no more texts, and decide about them."),
        "contact": ("conductor_dsl.cli.contact", "Show, export or erase what is held of a contact."),
        "suppress": ("conductor_dsl.cli.suppress", "Close addresses to every message, or open them again."),
        "prune": ("conductor_dsl.cli.prune", "Delete what has been over for longer than it is to be kept."),
        "size": ("conductor_dsl.cli.size", "Tell how large the database is, and what to do about it."),
        "verify": ("conductor_dsl.cli.verify", "Check the history against every promise of the engine."),
        "recover": ("conductor_dsl.cli.recover", "Find out what was sent after a backup that was put back."),
        "db": ("conductor_dsl.cli.db", "Bring a database up to date, or tell what it lacks."),
        "demo": ("conductor_dsl.cli.demo", "See an example run, from data to messages."),
        "graph": ("conductor_dsl.cli.graph", "Draw a conversation as a picture."),
        "preview": ("conductor_dsl.cli.preview", "Show the messages of a conversation as their readers will see them."),
        "provider-sim": ("conductor_dsl.cli.provider_sim", "Take messages as a provider would, and send none of them."),
        "lsp": ("conductor_dsl.cli.lsp", "Answer an editor by the Language Server Protocol."),
        "export": ("conductor_dsl.cli.export", "Write messages, history or runs to a file for other programs."),
        "plugins": ("conductor_dsl.cli.plugins", "Show what is installed, what it gives, and whether it can be used."),
        "plugin": ("conductor_dsl.cli.plugin", "Write a plugin of your own: `conductor plugin new NAME`."),
        "explain": ("conductor_dsl.cli.explain", "Explain a finding by its code, such as CDX101."),
    }
)
