"""One command per module."""

from __future__ import annotations

import click

import conductor_dsl
from conductor_dsl.cli.lazy_group import LazyGroup


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(conductor_dsl.__version__, prog_name="conductor")
def main() -> None:
    """Lifecycle messaging, written as text and checked like code."""
