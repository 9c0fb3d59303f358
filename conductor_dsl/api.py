"""The front door: everything a plugin, or a program that embeds Conductor, may import."""

from __future__ import annotations

from conductor_dsl.language.bound import (
    BoundConversation,
    BoundFile,
    BoundOption,
    BoundPhrase,
    BoundStep,
    Reference,
    Scalar,
)
from conductor_dsl.language.checks.walk import file_phrases, named_values, references
from conductor_dsl.language.diagnostics import Diagnostic, Report, Severity
from conductor_dsl.language.expressions import All as AllExpression
from conductor_dsl.language.expressions import Call as CallExpression
from conductor_dsl.language.expressions import Compare as CompareExpression
from conductor_dsl.language.expressions import Constant as ConstantExpression
from conductor_dsl.language.expressions import Expression, ValueType, from_json, to_json
from conductor_dsl.language.expressions import Field as FieldExpression
from conductor_dsl.language.expressions import Shift as ShiftExpression
from conductor_dsl.language.flow import Flow, FlowStep, FlowThread, FlowTrigger, Settings
from conductor_dsl.language.script_check import Finding, ScriptCheck
from conductor_dsl.language.signatures import (
    Effect,
    Kind,
    Option,
    Param,
    Phrase,
    PredicateSignature,
    StepSignature,
    TriggerSignature,
)
from conductor_dsl.language.source import Span
from conductor_dsl.language.template_filter import TemplateFilter
from conductor_dsl.language.vocabulary import Catalogue, Context
from conductor_dsl.language.web_address import address_problem, host_of, place_of
from conductor_dsl.messages.mime import header_problem, to_mime
from conductor_dsl.plugin.channels import (
    ANY_CHANNEL,
    NOT_ACCEPTED,
    OUTCOME_UNKNOWN,
    ChannelProvider,
    ForgedError,
    Heard,
    Inbound,
    Mark,
    Outgoing,
    ProviderSetting,
    ProviderType,
    Recaller,
    Receipt,
    Verdict,
    WebAnswer,
    WebRequest,
)
from conductor_dsl.plugin.contracts import (
    Arguments,
    Batches,
    Columns,
    Exporter,
    Predicate,
    StepType,
    Trigger,
    TriggerSource,
)
from conductor_dsl.plugin.error_table import ErrorTable, Meaning, read_error_table
from conductor_dsl.plugin.hookspecs import hookimpl
from conductor_dsl.plugin.host import Host, Problem, build_host
from conductor_dsl.plugin.own_tables import ensure_tables
from conductor_dsl.program.facts import Asking, PlainFacts, SqlFacts
from conductor_dsl.program.operations import (
    ENGAGEMENT,
    Await,
    Call,
    Coupon,
    Emit,
    Enlist,
    Gate,
    Hold,
    Holdout,
    Move,
    Note,
    Operation,
    Send,
    Split,
    Start,
    Stop,
    Write,
)
from conductor_dsl.shared.clock import Clock, Instant, SystemClock, VirtualClock
from conductor_dsl.shared.draw import Draw, bounds, holdout_draw, split_draw
from conductor_dsl.shared.duration import Duration
from conductor_dsl.shared.errors import ConductorError, ConfigError, PluginError
from conductor_dsl.shared.gsm import gsm_to_text, text_to_gsm
from conductor_dsl.shared.moments import ORDINALS, WEEKDAYS
from conductor_dsl.shared.nearest import did_you_mean
from conductor_dsl.shared.segments import SegmentCount, segment_texts, segments

__all__ = [
    "ANY_CHANNEL",
    "ENGAGEMENT",
    "NOT_ACCEPTED",
    "ORDINALS",
    "OUTCOME_UNKNOWN",
    "WEEKDAYS",
    "AllExpression",
    "Arguments",
    "Asking",
    "Await",
    "Batches",
    "BoundConversation",
    "BoundFile",
    "BoundOption",
    "BoundPhrase",
    "BoundStep",
    "Call",
    "CallExpression",
    "Catalogue",
    "ChannelProvider",
    "Clock",
    "Columns",
    "CompareExpression",
    "ConductorError",
    "ConfigError",
    "ConstantExpression",
    "Context",
    "Coupon",
    "Diagnostic",
    "Draw",
    "Duration",
    "Effect",
    "Emit",
    "Enlist",
    "ErrorTable",
    "Exporter",
    "Expression",
    "FieldExpression",
    "Finding",
    "Flow",
    "FlowStep",
    "FlowThread",
    "FlowTrigger",
    "ForgedError",
    "Gate",
    "Heard",
    "Hold",
    "Holdout",
    "Host",
    "Inbound",
    "Instant",
    "Kind",
    "Mark",
    "Meaning",
    "Move",
    "Note",
    "Operation",
    "Option",
    "Outgoing",
    "Param",
    "Phrase",
    "PlainFacts",
    "PluginError",
    "Predicate",
    "PredicateSignature",
    "Problem",
    "ProviderSetting",
    "ProviderType",
    "Recaller",
    "Receipt",
    "Reference",
    "Report",
    "Scalar",
    "ScriptCheck",
    "SegmentCount",
    "Send",
    "Settings",
    "Severity",
    "ShiftExpression",
    "Span",
    "Split",
    "SqlFacts",
    "Start",
    "StepSignature",
    "StepType",
    "Stop",
    "SystemClock",
    "TemplateFilter",
    "Trigger",
    "TriggerSignature",
    "TriggerSource",
    "ValueType",
    "Verdict",
    "VirtualClock",
    "WebAnswer",
    "WebRequest",
    "Write",
    "address_problem",
    "bounds",
    "build_host",
    "did_you_mean",
    "ensure_tables",
    "file_phrases",
    "from_json",
    "gsm_to_text",
    "header_problem",
    "holdout_draw",
    "hookimpl",
    "host_of",
    "named_values",
    "place_of",
    "read_error_table",
    "references",
    "segment_texts",
    "segments",
    "split_draw",
    "text_to_gsm",
    "to_json",
    "to_mime",
]
