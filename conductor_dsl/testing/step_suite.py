"""What every step must do, as tests that its author inherits.

class TestMySteps(StepSuite):
declarations = "field push_token text"

def plugin(self) -> object:
return my_package
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from conductor_dsl.language.bound_to_flow import bound_to_flow
from conductor_dsl.language.flow import FlowStep
from conductor_dsl.language.signatures import Effect
from conductor_dsl.language.statements_expect import CHANNELS
from conductor_dsl.language.vocabulary import Catalogue
from conductor_dsl.plugin.contracts import StepType
from conductor_dsl.plugin.host import Host
from conductor_dsl.program.flow_to_program import flow_to_program
from conductor_dsl.program.operations import Call, Operation, Send
from conductor_dsl.testing.example_to_conversation import text_to_conversation
from conductor_dsl.testing.host_with import NAME, host_with

Lowered = tuple[StepType, FlowStep, Operation]


class StepSuite(ABC):
    """The tests; they try the example of each signature, and whatever else `examples` has."""

    declarations = ""
    """What has to stand before a conversation: `field push_token text`."""
    examples: tuple[str, ...] = ()
    """More ways to write the steps."""
    catalogue = Catalogue()
    """What the steps refer to: lists, pools, saved messages."""

    @abstractmethod
    def plugin(self) -> object:
        """The module, or whatever has the hooks."""

    def test_every_step_has_an_example_and_a_summary(self) -> None:
        """Both stand in the reference of the language, and in editors."""
        assert self._steps()
        for step in self._steps():
            assert step.signature.example, f"`{step.signature.name}` has no example"
            assert step.signature.summary, f"`{step.signature.name}` has no summary"

    def test_every_example_checks_and_becomes_an_operation(self) -> None:
        """The same one each time, for a program is made again whenever a node starts."""
        for step, flow_step, operation in self._lowered():
            assert isinstance(operation, Operation), f"`{step.signature.name}` lowers to {operation!r}"
            assert step.lower(flow_step) == operation

    def test_a_step_says_what_it_does(self) -> None:
        """One that sends is known for it, so that rehearsals leave it alone, and counts and previews do not."""
        for step, _, operation in self._lowered():
            if isinstance(operation, Send):
                assert step.signature.effect is Effect.SENDS, f"`{step.signature.name}` sends and does not say so"
            assert isinstance(operation, Call) == (step.function is not None)

    def test_a_message_has_a_channel_that_somebody_carries(self) -> None:
        """Without a provider for it nothing could ever leave."""
        for step, _, operation in self._lowered():
            if isinstance(operation, Send):
                known = (*CHANNELS, *self._host().vocabulary.channels)
                assert operation.channel in known, f"nobody carries `{operation.channel}` of `{step.signature.name}`"

    def test_every_outcome_leads_somewhere(self) -> None:
        """An option `on_failed` is of no use if the operation does not know its edge."""
        for step, flow_step, operation in self._lowered():
            if isinstance(operation, Send):
                written = {name for name in step.signature.outcomes if flow_step.edge(name) != flow_step.edge("next")}
                assert written <= set(operation.edges), f"`{step.signature.name}` forgets the way of an outcome"

    def _host(self) -> Host:
        return host_with(self.plugin())

    def _steps(self) -> list[StepType]:
        host = self._host()
        own = [name for (kind, name), plugin in host.origins.items() if kind == "step" and plugin == NAME]
        return [host.steps[name] for name in own]

    def _lowered(self) -> Iterator[Lowered]:
        """Every example with its step and its operation."""
        host, own = self._host(), {step.signature.name for step in self._steps()}
        examples = (step.signature.example for step in self._steps())
        for written in (*examples, *self.examples):
            behind = "" if host.steps[written.split()[0]].signature.ends else " -> wait 1d -> end"
            text = f"{self.declarations}\nwhen no_order_within 60d -> {written}{behind}"
            flow = bound_to_flow(text_to_conversation(text, host, self.catalogue))
            program = flow_to_program(flow, {name: step.lower for name, step in host.steps.items()})
            for step, operation in zip(flow.steps, program.operations, strict=True):
                if step.kind in own:
                    yield host.steps[step.kind], step, operation
