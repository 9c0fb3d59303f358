"""What every condition and measure must do, as tests that its author inherits.

    class TestMyConditions(PredicateSuite):
        declarations = "field tier text"
        conditions = ('in_loyalty_tier "Gold" or known tier',)

        def plugin(self) -> object:
            return my_package

The examples of the signatures are tried in any case. The invented contacts have the declared fields `tier` (text),
`points` (number), `vip`, `birthday` (date), `joined` (instant) and `mobile2`, often with nothing or nonsense in them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from random import Random

from conductor_dsl.language.checks.walk import condition_of
from conductor_dsl.language.expressions import Expression, from_json, to_json
from conductor_dsl.language.vocabulary import Catalogue
from conductor_dsl.plugin.contracts import Predicate
from conductor_dsl.plugin.host import Host
from conductor_dsl.store.connect import connect
from conductor_dsl.store.tables import metadata
from conductor_dsl.testing.example_to_conversation import text_to_conversation
from conductor_dsl.testing.host_with import NAME, host_with
from conductor_dsl.testing.invented import ASKING, NOW
from conductor_dsl.testing.people import in_sql, people, plain, store


class PredicateSuite(ABC):
    """The tests; the two meanings are compared over `crowd` invented contacts, the same at every run."""

    crowd = 300
    seed = 1
    declarations = ""
    """What has to stand before a condition: `field tier text`."""
    conditions: tuple[str, ...] = ()
    """More conditions than the examples, as they are written behind `when`."""
    catalogue = Catalogue()
    """What the conditions refer to: lists, pools."""

    @abstractmethod
    def plugin(self) -> object:
        """The module, or whatever has the hooks."""

    def test_every_predicate_has_an_example_and_a_summary(self) -> None:
        """The example is a condition, of a measure with what it is compared with."""
        assert self._predicates()
        for predicate in self._predicates():
            assert predicate.signature.example, f"`{predicate.signature.name}` has no example"
            assert predicate.signature.summary, f"`{predicate.signature.name}` has no summary"

    def test_every_condition_checks_and_survives_json(self) -> None:
        """As it does when it is published."""
        for expression in self._expressions():
            assert from_json(to_json(expression)) == expression

    def test_sql_and_plain_python_say_the_same_of_everybody(self) -> None:
        """Whatever lies in the fields, and whichever conversation asks; and neither fails."""
        host, expressions = self._host(), self._expressions()
        engine = connect("sqlite://")
        try:
            metadata.create_all(engine)
            with engine.connect() as connection:
                crowd = people(Random(self.seed), self.crowd)
                store(connection, crowd)
                for expression, asking in ((each, asking) for each in expressions for asking in ASKING):
                    said = in_sql(connection, expression, len(crowd), NOW, asking, predicates=host.predicates)
                    meant = plain(expression, crowd, NOW, asking, host.predicates)
                    wrong = [person for person, a, b in zip(crowd, said, meant, strict=True) if a != b]
                    assert not wrong, f"SQL and Python differ about {len(wrong)} contacts, such as {wrong[0]}"
        finally:
            engine.dispose()

    def test_some_contacts_are_meant_and_some_are_not(self) -> None:
        """A condition that is the same of all invented contacts has not been tried."""
        crowd, host = people(Random(self.seed), self.crowd), self._host()
        for expression in self._expressions():
            meant = {each for asking in ASKING for each in plain(expression, crowd, NOW, asking, host.predicates)}
            assert meant == {True, False}, f"{expression} is {meant} of everybody: add a condition that is not"

    def _host(self) -> Host:
        return host_with(self.plugin())

    def _predicates(self) -> list[Predicate]:
        host = self._host()
        own = [name for (kind, name), plugin in host.origins.items() if kind == "predicate" and plugin == NAME]
        return [host.predicates[name] for name in own]

    def _expressions(self) -> list[Expression]:
        examples = (predicate.signature.example for predicate in self._predicates())
        return [self._expression(written) for written in (*examples, *self.conditions)]

    def _expression(self, written: str) -> Expression:
        text = f"{self.declarations}\nwhen {written} -> wait 1d -> end"
        conversation = text_to_conversation(text, self._host(), self.catalogue)
        trigger = conversation.threads[0].trigger
        condition = condition_of(trigger.phrase) if trigger else None
        assert condition is not None, written
        return condition.expression
