"""What is checked once every word has a meaning: one check, one module, one case file, one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conductor_dsl.language.bound import BoundFile
from conductor_dsl.language.checks.age_gate import check_age_gate
from conductor_dsl.language.checks.birthday_within import check_birthday_within
from conductor_dsl.language.checks.brand_name import check_brand_name
from conductor_dsl.language.checks.cart_texts import check_cart_texts
from conductor_dsl.language.checks.changed_value import check_changed_value
from conductor_dsl.language.checks.code_class import check_code_class
from conductor_dsl.language.checks.consent_without_act import check_consent_without_act
from conductor_dsl.language.checks.conversation_circle import check_conversation_circle
from conductor_dsl.language.checks.declared_frequency import check_declared_frequency
from conductor_dsl.language.checks.draft_message import check_draft_message
from conductor_dsl.language.checks.duplicate_names import check_duplicate_names
from conductor_dsl.language.checks.emitted_event import check_emitted_event
from conductor_dsl.language.checks.endless_loop import check_endless_loop
from conductor_dsl.language.checks.field_write import check_field_write
from conductor_dsl.language.checks.fixed_condition import check_fixed_condition
from conductor_dsl.language.checks.heavy_email import check_heavy_email
from conductor_dsl.language.checks.impossible_time import check_impossible_time
from conductor_dsl.language.checks.insecure_link import check_insecure_link
from conductor_dsl.language.checks.link_shortener import check_link_shortener
from conductor_dsl.language.checks.long_ttl import check_long_ttl
from conductor_dsl.language.checks.media import check_media
from conductor_dsl.language.checks.message_channel import check_message_channel
from conductor_dsl.language.checks.missing_cap import check_missing_cap
from conductor_dsl.language.checks.missing_default import check_missing_default
from conductor_dsl.language.checks.mixed_lengths import check_mixed_lengths
from conductor_dsl.language.checks.opt_in_answer import check_opt_in_answer
from conductor_dsl.language.checks.opt_out_keyword import check_opt_out_keyword
from conductor_dsl.language.checks.opt_out_words import check_opt_out_words
from conductor_dsl.language.checks.path_without_end import check_path_without_end
from conductor_dsl.language.checks.personal_link import check_personal_link
from conductor_dsl.language.checks.promotional_words import check_promotional_words
from conductor_dsl.language.checks.quiet_hours import check_quiet_hours
from conductor_dsl.language.checks.secret import check_secret
from conductor_dsl.language.checks.sender_domain import check_sender_domain
from conductor_dsl.language.checks.sensitive_field import check_sensitive_field
from conductor_dsl.language.checks.staff_address import check_staff_address
from conductor_dsl.language.checks.subject_line import check_subject_line
from conductor_dsl.language.checks.template_syntax import check_template_syntax
from conductor_dsl.language.checks.test_says_something import check_test_says_something
from conductor_dsl.language.checks.text_consent import check_text_consent
from conductor_dsl.language.checks.text_size import check_text_size
from conductor_dsl.language.checks.unchecked_goal import check_unchecked_goal
from conductor_dsl.language.checks.undeclared_reentry import check_undeclared_reentry
from conductor_dsl.language.checks.unhandled_outcome import check_unhandled_outcome
from conductor_dsl.language.checks.unknown_code import check_unknown_code
from conductor_dsl.language.checks.unknown_conversation import check_unknown_conversation
from conductor_dsl.language.checks.unknown_group import check_unknown_group
from conductor_dsl.language.checks.unknown_list import check_unknown_list
from conductor_dsl.language.checks.unknown_message import check_unknown_message
from conductor_dsl.language.checks.unknown_pool import check_unknown_pool
from conductor_dsl.language.checks.unknown_target import check_unknown_target
from conductor_dsl.language.checks.unknown_variable import check_unknown_variable
from conductor_dsl.language.checks.unknown_zone import check_unknown_zone
from conductor_dsl.language.checks.unreachable_step import check_unreachable_step
from conductor_dsl.language.checks.unsafe_unsubscribe import check_unsafe_unsubscribe
from conductor_dsl.language.checks.unsubscribe_link import check_unsubscribe_link
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
    check_changed_value,
    check_staff_address,
    check_whole_number,
    check_impossible_time,
    check_birthday_within,
    check_unknown_zone,
    check_secret,
    check_test_says_something,
    check_unknown_group,
    check_webhook_address,
    check_media,
    check_age_gate,
    check_brand_name,
    check_cart_texts,
    check_declared_frequency,
    check_fixed_condition,
    check_heavy_email,
    check_insecure_link,
    check_link_shortener,
    check_long_ttl,
    check_missing_cap,
    check_mixed_lengths,
    check_opt_in_answer,
    check_opt_out_keyword,
    check_opt_out_words,
    check_personal_link,
    check_promotional_words,
    check_quiet_hours,
    check_sender_domain,
    check_sensitive_field,
    check_subject_line,
    check_text_consent,
    check_text_size,
    check_unchecked_goal,
    check_undeclared_reentry,
    check_unhandled_outcome,
    check_unsafe_unsubscribe,
    check_unsubscribe_link,
    check_unknown_conversation,
    check_conversation_circle,
    check_emitted_event,
    check_consent_without_act,
)
"""Every check, in no particular order; each sees the whole file."""
