"""What is checked once every word has a meaning: one check, one module, one case file, one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.code_class import check_code_class
from conductor_dsl.language.checks.draft_message import check_draft_message
from conductor_dsl.language.checks.duplicate_names import check_duplicate_names
from conductor_dsl.language.checks.endless_loop import check_endless_loop
from conductor_dsl.language.checks.field_write import check_field_write
from conductor_dsl.language.checks.impossible_time import check_impossible_time
from conductor_dsl.language.checks.media import check_media
from conductor_dsl.language.checks.message_channel import check_message_channel
from conductor_dsl.language.checks.missing_default import check_missing_default
from conductor_dsl.language.checks.path_without_end import check_path_without_end
from conductor_dsl.language.checks.secret import check_secret
from conductor_dsl.language.checks.staff_address import check_staff_address
from conductor_dsl.language.checks.template_syntax import check_template_syntax
from conductor_dsl.language.checks.test_says_something import check_test_says_something
from conductor_dsl.language.checks.unknown_code import check_unknown_code
from conductor_dsl.language.checks.unknown_group import check_unknown_group
from conductor_dsl.language.checks.unknown_list import check_unknown_list
from conductor_dsl.language.checks.unknown_message import check_unknown_message
from conductor_dsl.language.checks.unknown_pool import check_unknown_pool
from conductor_dsl.language.checks.unknown_target import check_unknown_target
from conductor_dsl.language.checks.unknown_variable import check_unknown_variable
from conductor_dsl.language.checks.unknown_zone import check_unknown_zone
from conductor_dsl.language.checks.unreachable_step import check_unreachable_step
from conductor_dsl.language.checks.webhook_address import check_webhook_address
from conductor_dsl.language.checks.whole_number import check_whole_number
from conductor_dsl.language.diagnostics import Diagnostic
from conductor_dsl.language.vocabulary import Context

Check = Callable[[BoundFile, Context], Iterable[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    check_duplicate_names,
    check_unknown_message,
    check_draft_message,
    check_message_channel,
    check_unknown_list,
    check_unknown_code,
    check_unknown_pool,
    check_code_class,
    check_unknown_target,
    check_unreachable_step,
    check_path_without_end,
    check_endless_loop,
    check_template_syntax,
    check_unknown_variable,
    check_missing_default,
    check_field_write,
    check_staff_address,
    check_whole_number,
    check_impossible_time,
    check_unknown_zone,
    check_secret,
    check_test_says_something,
    check_unknown_group,
    check_webhook_address,
    check_media,
)
"""Every check, in no particular order; each sees the whole file."""
